"""A worker that goes its rounds: the same again and again, whatever happened the last time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

log = logging.getLogger(__name__)


async def go_rounds(name: str, pause: timedelta, one_round: Callable[[], Awaitable[None]]) -> None:
    """Call ``one_round`` again and again until cancelled. The first failure of a row is logged, and the recovery."""
    failures = 0
    while True:
        try:
            await one_round()
        except Exception:  # an outage of the store or of nginx must not end the rounds
            failures += 1
            if failures == 1:
                log.exception("%s failed; it goes on trying", name)
        else:
            if failures:
                log.info("%s works again, after %d failures", name, failures)
            failures = 0
        await asyncio.sleep(pause.total_seconds())
