"""Rate limits: a token bucket for each key, in the memory of this process."""

import math
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from streaming_app.backend.errors import RateLimitedError

_SWEEP_ABOVE = 10_000
"""Number of buckets above which the full ones are removed."""


class RateLimit:
    """Allows ``burst`` actions at once, then one for each ``refill``.

    ``clock`` is monotonic, in seconds. ``complaint`` is the first sentence of the error message.
    """

    def __init__(self, burst: int, refill: timedelta, clock: Callable[[], float], complaint: str) -> None:
        self.burst = burst
        """The number of actions that are allowed at once."""
        self.refill = refill
        self._clock = clock
        self._complaint = complaint
        self._full_at: dict[str, float] = {}
        self._sweep_above = _SWEEP_ABOVE

    async def spend(self, who: str) -> timedelta:
        """Take one token, and return the time until the bucket is full.

        Raises ``RateLimitedError`` with the time to wait if the bucket is empty.
        """
        now, refill_seconds = self._clock(), self.refill.total_seconds()
        self._sweep(now)
        full_at = max(now, self._full_at.get(who, now)) + refill_seconds
        wait_seconds = full_at - now - self.burst * refill_seconds
        if wait_seconds > 0:
            raise self.error(timedelta(seconds=wait_seconds))
        self._full_at[who] = full_at
        return timedelta(seconds=full_at - now)

    async def refund(self, who: str) -> None:
        """Put the last token back, because the action does not count after all."""
        if who in self._full_at:
            self._full_at[who] -= self.refill.total_seconds()

    def left(self, until_full: timedelta) -> int:
        """Return how many actions are allowed now, if the bucket is full in ``until_full``."""
        return self.burst - math.ceil(until_full / self.refill)

    def error(self, wait: timedelta) -> RateLimitedError:
        """Return the error for somebody who has to wait so long."""
        return RateLimitedError(f"{self._complaint} Try again in {_in_words(wait.total_seconds())}.", wait)

    def _sweep(self, now: float) -> None:
        """Remove full buckets, each time that the number of buckets has doubled."""
        if len(self._full_at) > self._sweep_above:
            self._full_at = {key: full_at for key, full_at in self._full_at.items() if full_at > now}
            self._sweep_above = max(_SWEEP_ABOVE, 2 * len(self._full_at))


class NewRateLimit(Protocol):
    """Creates the rate limits of the site, in this process or over all processes."""

    def __call__(self, name: str, burst: int, refill: timedelta, complaint: str) -> RateLimit:
        """Return a limit. Limits with the same ``name`` in several processes may count together."""
        ...


def limits_in_process(clock: Callable[[], float]) -> NewRateLimit:
    """Return a factory of limits that count in this process. ``clock`` is monotonic, in seconds."""

    def new_limit(name: str, burst: int, refill: timedelta, complaint: str) -> RateLimit:  # noqa: ARG001 - one process
        return RateLimit(burst, refill, clock, complaint)

    return new_limit


def _in_words(seconds: float) -> str:
    whole = math.ceil(seconds)
    return "a second" if whole == 1 else f"{whole} seconds"
