"""Runs an action periodically, even if single runs fail."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import NoReturn

from streaming_app.backend.failure_logging import log_failure

log = logging.getLogger(__name__)


async def run_periodically(
    name: str, interval: timedelta, action: Callable[[], Awaitable[None]], wake: asyncio.Event | None = None
) -> NoReturn:
    """Call ``action`` again and again until cancelled, with a pause of ``interval`` after each call.

    Setting ``wake`` ends the pause early; it is cleared before the next call. A failure does not end the loop. It is
    logged, unless the previous call failed with the same error, and so is the first success after failures.
    """
    wake = wake or asyncio.Event()
    failures = 0
    last_failure = ""
    while True:
        failure = await failure_of(action)
        if failure is None:
            if failures:
                log.info("%s works again after %d failures", name, failures)
            failures, last_failure = 0, ""
        else:
            failures += 1
            if repr(failure) != last_failure:
                seconds = interval.total_seconds()
                log_failure(log, failure, "%s failed and is tried again every %g s", name, seconds)
            last_failure = repr(failure)
        with suppress(TimeoutError):
            async with asyncio.timeout(interval.total_seconds()):
                await wake.wait()
        wake.clear()


async def failure_of(action: Callable[[], Awaitable[object]]) -> BaseException | None:
    """Call ``action`` and return the exception that it raised, or ``None``. Cancelling the caller cancels ``action``.

    A ``CancelledError`` that ``action`` raises on its own is returned like other exceptions.
    """
    [result] = await asyncio.gather(action(), return_exceptions=True)
    return result if isinstance(result, BaseException) else None
