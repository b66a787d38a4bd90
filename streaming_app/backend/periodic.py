"""Runs an action again and again, whatever happens to a single run."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import NoReturn

log = logging.getLogger(__name__)


async def run_periodically(name: str, interval: timedelta, action: Callable[[], Awaitable[None]]) -> NoReturn:
    """Call ``action`` until cancelled, with ``interval`` between two calls.

    A failure does not end the loop. It is logged unless the call before failed in the same way, and so is the recovery.
    """
    failures = 0
    last_failure = ""
    while True:
        try:
            await action()
        except Exception as failed:  # an outage of the store or of nginx must not end the loop
            failures += 1
            if repr(failed) != last_failure:
                log.exception("%s failed and is tried again every %g s", name, interval.total_seconds())
            last_failure = repr(failed)
        else:
            if failures:
                log.info("%s works again after %d failures", name, failures)
            failures = 0
            last_failure = ""
        await asyncio.sleep(interval.total_seconds())
