"""A rate limit: a token bucket for each key, in the memory of this process."""

import math
from collections.abc import Callable
from datetime import timedelta

from streaming_app.backend.errors import RateLimitedError

_SWEEP_ABOVE = 10_000
"""Number of buckets above which the full ones are removed."""


class RateLimit:
    """Allows ``burst`` actions at once, then one for each ``refill``.

    ``clock`` is monotonic, in seconds. ``complaint`` is the first sentence of the error message.
    """

    def __init__(self, burst: int, refill: timedelta, clock: Callable[[], float], complaint: str) -> None:
        self._burst = burst
        self._refill_seconds = refill.total_seconds()
        self._clock = clock
        self._complaint = complaint
        self._full_at: dict[str, float] = {}
        self._sweep_above = _SWEEP_ABOVE

    def spend(self, who: str) -> None:
        """Take one token; raises ``RateLimitedError`` with the time to wait if the bucket is empty."""
        now = self._clock()
        self._sweep(now)
        full_at = max(now, self._full_at.get(who, now)) + self._refill_seconds
        wait_seconds = full_at - now - self._burst * self._refill_seconds
        if wait_seconds > 0:
            words = f"{self._complaint} Try again in {_in_words(wait_seconds)}."
            raise RateLimitedError(words, timedelta(seconds=wait_seconds))
        self._full_at[who] = full_at

    @property
    def burst(self) -> int:
        """The number of actions that are allowed at once."""
        return self._burst

    def left(self, who: str) -> tuple[int, timedelta]:
        """Return how many actions are allowed now, and the time until ``burst`` actions are allowed again."""
        until_full = max(0.0, self._full_at.get(who, 0.0) - self._clock())
        return self._burst - math.ceil(until_full / self._refill_seconds), timedelta(seconds=until_full)

    def refund(self, who: str) -> None:
        """Put the last token back, because the action does not count after all."""
        if who in self._full_at:
            self._full_at[who] -= self._refill_seconds

    def _sweep(self, now: float) -> None:
        """Remove full buckets, each time that the number of buckets has doubled."""
        if len(self._full_at) > self._sweep_above:
            self._full_at = {key: full_at for key, full_at in self._full_at.items() if full_at > now}
            self._sweep_above = max(_SWEEP_ABOVE, 2 * len(self._full_at))


def _in_words(seconds: float) -> str:
    whole = math.ceil(seconds)
    return "a second" if whole == 1 else f"{whole} seconds"
