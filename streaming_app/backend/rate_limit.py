"""How often someone may do something: a token bucket for each, in this process."""

import math
from collections.abc import Callable
from datetime import datetime, timedelta

from streaming_app.backend.errors import RateLimitedError

_SWEEP_ABOVE = 10_000
"""Buckets kept before the full ones (those who fell silent) are forgotten."""


class RateLimit:
    """``burst`` times at once, then once for each ``refill``. ``complaint`` is what is said to who is too fast."""

    def __init__(self, burst: int, refill: timedelta, now: Callable[[], datetime], complaint: str) -> None:
        self._burst = burst
        self._refill = refill
        self._now = now
        self._complaint = complaint
        self._full_at: dict[str, datetime] = {}

    def spend(self, who: str) -> None:
        """Count one; raises ``RateLimitedError`` with the wait when the bucket is empty."""
        now = self._now()
        if len(self._full_at) > _SWEEP_ABOVE:
            self._full_at = {key: full_at for key, full_at in self._full_at.items() if full_at > now}
        empty = self._burst * self._refill
        # never further ahead than an empty bucket is, should the clock have been set back
        full_at = max(now, min(self._full_at.get(who, now), now + empty)) + self._refill
        wait = full_at - now - empty
        if wait > timedelta(0):
            seconds = math.ceil(wait.total_seconds() * 10) / 10
            raise RateLimitedError(f"{self._complaint} Try again in {seconds} s.", wait)
        self._full_at[who] = full_at

    def give_back(self, who: str) -> None:
        """Take back the last count: it was not one of those that are limited."""
        if who in self._full_at:
            self._full_at[who] -= self._refill
