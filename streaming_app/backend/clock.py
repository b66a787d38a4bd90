"""Notices when somebody sets the wall clock.

Durations are measured on the monotonic clock. Where that is impossible, because an instant was stored by another
process or before a restart, wait until the wall clock has been steady for a while before acting on it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

CLOCKS_AGREE = timedelta(seconds=10)
"""The clocks of several machines differ by less than this."""
STEP = timedelta(seconds=2)
"""The wall clock differs from the monotonic one by more than this only when it is set, or the machine has slept."""


class ClockWatch:
    """Compares the two clocks each time that it is asked; ask regularly. ``clock`` is monotonic, in seconds."""

    def __init__(self, now: Callable[[], datetime], clock: Callable[[], float]) -> None:
        self._now = now
        self._clock = clock
        self._began_at = now() - timedelta(seconds=clock())
        self._steady_since = clock()
        self._set_at: float | None = None

    def is_steady_for(self, period: timedelta) -> bool:
        """Whether the wall clock was not set for so long; not before this process has watched it for so long."""
        self._look()
        return self._clock() - self._steady_since >= period.total_seconds()

    def was_set_within(self, period: timedelta) -> bool:
        """Whether the wall clock was seen to be set, not longer ago than this."""
        self._look()
        return self._set_at is not None and self._clock() - self._set_at < period.total_seconds()

    def _look(self) -> None:
        began_at = self._now() - timedelta(seconds=self._clock())
        if abs(began_at - self._began_at) > STEP:
            self._set_at = self._steady_since = self._clock()
        self._began_at = began_at
