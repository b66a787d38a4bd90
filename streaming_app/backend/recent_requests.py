"""Counts and order of recent requests by key, such as the address from which they come."""

from collections.abc import Callable
from itertools import count


class RecentRequests:
    """Remembers requests for ``memory_seconds`` at least, and for twice as long at most."""

    def __init__(self, memory_seconds: float, clock: Callable[[], float]) -> None:
        """``clock`` returns seconds that only increase, such as ``time.monotonic``."""
        self._memory_seconds = memory_seconds
        self._clock = clock
        self._recent: dict[str, tuple[int, int]] = {}
        self._older: dict[str, tuple[int, int]] = {}
        self._next_period_at = 0.0
        self._numbers = count()

    def add(self, key: str) -> tuple[int, int]:
        """Remember a request. Return the number of recent requests of ``key``, and the number of this request.

        Requests are numbered from 0 in the order in which they are added, for all keys together.
        """
        now = self._clock()
        if now >= self._next_period_at:
            self._older = self._recent if now < self._next_period_at + self._memory_seconds else {}
            self._recent = {}
            self._next_period_at = now + self._memory_seconds
        requests = self._recent.get(key, (0, 0))[0] + 1
        number = next(self._numbers)
        self._recent[key] = requests, number
        return requests + self._older.get(key, (0, 0))[0], number

    def newest(self, key: str) -> int:
        """Return the number of the newest request of ``key``. Add one if none is remembered."""
        known = self._recent.get(key) or self._older.get(key)
        return known[1] if known else self.add(key)[1]
