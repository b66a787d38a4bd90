"""Waiting for conditions without blocking the test's event loop."""

import asyncio
from collections.abc import Awaitable, Callable

POLL_SECONDS = 0.02
DEADLINE_SECONDS = 90.0


async def until(condition: Callable[[], bool], what: str, deadline_seconds: float = DEADLINE_SECONDS) -> None:
    """Wait until ``condition`` is true; fails after a deadline that is generous enough for busy machines."""

    async def asked() -> bool:
        return condition()

    await until_async(asked, what, deadline_seconds)


async def until_async(
    condition: Callable[[], Awaitable[bool]], what: str, deadline_seconds: float = DEADLINE_SECONDS
) -> None:
    """Wait like ``until``, for an asynchronous condition."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + deadline_seconds
    while not await condition():
        assert loop.time() < deadline, f"it took longer than {deadline_seconds:g} s until {what}"
        await asyncio.sleep(POLL_SECONDS)
