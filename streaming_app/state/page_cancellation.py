"""Cancels work when the page that requested it is closed."""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")

POLL_SECONDS = 2.0
"""Interval of checks whether the page is connected. After two failed checks it counts as closed."""

_is_open: list[Callable[[str], bool]] = []


@contextmanager
def using_tab_check(is_open: Callable[[str], bool]) -> Generator[None]:
    """Use ``is_open`` to check whether a tab is connected, while the context is open."""
    _is_open[:] = [is_open]
    try:
        yield
    finally:
        _is_open.clear()


async def cancel_when_closed(tab: str, work: Coroutine[Any, Any, T], poll_seconds: float = POLL_SECONDS) -> T | None:
    """Return the result of ``work``. If the page is closed first, cancel ``work`` and return ``None``."""
    task = asyncio.create_task(work)
    closed_polls = 0
    try:
        while not (await asyncio.wait({task}, timeout=poll_seconds))[0]:
            is_gone = bool(_is_open) and not _is_open[0](tab)
            closed_polls = closed_polls + 1 if is_gone else 0
            if closed_polls > 1:
                return None
        return task.result()
    finally:
        task.cancel()
