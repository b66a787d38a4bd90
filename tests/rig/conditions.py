"""Waiting for something to come true, in a test whose own event loop has to go on meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable

POLL_SECONDS = 0.02
DEADLINE_SECONDS = 30.0


async def until(condition: Callable[[], bool], what: str, deadline_seconds: float = DEADLINE_SECONDS) -> None:
    """Wait until ``condition`` holds; fails past a generous deadline, for machines that are busy."""

    async def asked() -> bool:
        return condition()

    await until_asked(asked, what, deadline_seconds)


async def until_asked(
    condition: Callable[[], Awaitable[bool]], what: str, deadline_seconds: float = DEADLINE_SECONDS
) -> None:
    """The same for a condition that has to be awaited."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + deadline_seconds
    while not await condition():
        assert loop.time() < deadline, f"it took longer than {deadline_seconds:g} s until {what}"
        await asyncio.sleep(POLL_SECONDS)
