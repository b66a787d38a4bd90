"""How fast one chatter may write: a token bucket each, in this process."""

import math
from collections.abc import Callable
from datetime import datetime, timedelta

from streaming_app.backend.errors import RateLimitedError

_SWEEP_ABOVE = 10_000
"""Buckets kept before the full ones (chatters who fell silent) are forgotten."""


class RateLimit:
    """``burst`` messages at once, then one for each ``refill``."""

    def __init__(self, burst: int, refill: timedelta, now: Callable[[], datetime]) -> None:
        self._burst = burst
        self._refill = refill
        self._now = now
        self._full_at: dict[str, datetime] = {}

    def spend(self, user_id: str) -> None:
        """Count one message; raises ``RateLimitedError`` with the wait when the bucket is empty."""
        now = self._now()
        if len(self._full_at) > _SWEEP_ABOVE:
            self._full_at = {user: full_at for user, full_at in self._full_at.items() if full_at > now}
        empty = self._burst * self._refill
        # never further ahead than an empty bucket is, should the clock have been set back
        full_at = max(now, min(self._full_at.get(user_id, now), now + empty)) + self._refill
        wait = full_at - now - empty
        if wait > timedelta(0):
            seconds = math.ceil(wait.total_seconds() * 10) / 10
            raise RateLimitedError(f"You are writing fast. Try again in {seconds} s.", wait)
        self._full_at[user_id] = full_at
