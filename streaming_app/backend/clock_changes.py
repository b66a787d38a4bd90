"""Detects changes of the wall clock.

Durations are measured on the monotonic clock. This is impossible for times that another process stored, or that were
stored before a restart. Code that acts on such times first checks that the wall clock has been steady for a while.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

CLOCKS_AGREE = timedelta(seconds=10)
"""Assumed maximum difference between the clocks of the site's machines."""
STEP = timedelta(seconds=2)
"""A larger difference between both clocks means that the wall clock was set, or that the machine has slept."""


class ClockWatch:
    """Compares the wall clock with ``clock`` (monotonic, in seconds) on each call. Call it regularly."""

    def __init__(self, now: Callable[[], datetime], clock: Callable[[], float]) -> None:
        self._now = now
        self._clock = clock
        self._began_at = now() - timedelta(seconds=clock())
        self._steady_since = clock()
        self._set_at: float | None = None

    def is_steady_for(self, period: timedelta) -> bool:
        """Whether the wall clock was not changed for ``period``; ``False`` if this process is younger than that."""
        self._compare()
        return self._clock() - self._steady_since >= period.total_seconds()

    def was_set_within(self, period: timedelta) -> bool:
        """Whether a change of the wall clock was detected within the last ``period``."""
        self._compare()
        return self._set_at is not None and self._clock() - self._set_at < period.total_seconds()

    def _compare(self) -> None:
        began_at = self._now() - timedelta(seconds=self._clock())
        if abs(began_at - self._began_at) > STEP:
            self._set_at = self._steady_since = self._clock()
        self._began_at = began_at
