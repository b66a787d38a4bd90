"""Work that is given up when the page that asked for it is closed."""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")

POLL_SECONDS = 2.0
"""How often is looked whether the page is there; gone twice in a row, it is closed."""

_is_open: list[Callable[[str], bool]] = []


@contextmanager
def using_tab_check(is_open: Callable[[str], bool]) -> Generator[None]:
    """While the context is open, ``is_open`` tells whether a tab is connected."""
    _is_open[:] = [is_open]
    try:
        yield
    finally:
        _is_open.clear()


async def cancel_when_closed(tab: str, work: Coroutine[Any, Any, T], look_seconds: float = POLL_SECONDS) -> T | None:
    """What ``work`` returns; ``None`` when the page was closed meanwhile and ``work`` cancelled."""
    task = asyncio.create_task(work)
    looks = 0
    try:
        while not (await asyncio.wait({task}, timeout=look_seconds))[0]:
            is_gone = bool(_is_open) and not _is_open[0](tab)
            looks = looks + 1 if is_gone else 0
            if looks > 1:
                return None
        return task.result()
    finally:
        task.cancel()
