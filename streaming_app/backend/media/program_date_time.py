"""The Unix time of what a publisher sends: its own clock, set by when its parts arrive."""

JITTER_SECONDS = 0.1
"""Parts that are quicker by less than this change no date: that is how much arrivals vary."""
DRIFT_SECONDS = 1.0
"""Parts that are later than this, for as long as ``LATE_SECONDS``, are not late: the publisher's clock is slow."""
LATE_SECONDS = 10.0
CLOCK_SET_BACK_SECONDS = 1.0
"""Nothing arrives before what came before it, by more than this, unless the wall clock was set back."""
OVERLAP_SECONDS_MAX = 60.0
"""More than any encoder saves up while its connection is lost."""


class ProgramDateTime:
    """The dates of consecutive segments. They advance as the publisher's clock does, whenever parts arrive.

    The quickest part sets them. When one is quicker than all before, as in a burst of what the encoder had saved up,
    everything that has been dated so far is dated back with it. Never to before ``not_before``, a Unix time.
    """

    def __init__(self, not_before: float | None = None) -> None:
        self._not_before = not_before
        self._first_ms = 0.0
        self._offset: float | None = None
        self._arrived_at = 0.0
        self._late_since: float | None = None
        self._late_offset = 0.0

    def at(self, ms: float) -> float:
        """The Unix time of this moment of the publisher's clock."""
        return (self._offset or 0.0) + ms / 1000

    def observe(self, start_ms: float, end_ms: float, arrived_at: float) -> "ProgramDateTime":
        """Take note of a part that was complete at this Unix time; the dates of this part and of what follows."""
        offset = arrived_at - end_ms / 1000
        if self._offset is None:
            self._first_ms = start_ms
            if self._not_before is not None and self._not_before > arrived_at + OVERLAP_SECONDS_MAX:
                self._not_before = None  # the wall clock was set back
        elif arrived_at < self._arrived_at - CLOCK_SET_BACK_SECONDS:
            return ProgramDateTime().observe(start_ms, end_ms, arrived_at)
        elif offset > self._offset - JITTER_SECONDS:
            return self._observe_late(start_ms, offset, arrived_at)
        self._arrived_at = arrived_at
        self._late_since = None
        self._offset = offset
        if self._not_before is not None:
            self._offset = max(offset, self._not_before - self._first_ms / 1000)
        return self

    def _observe_late(self, start_ms: float, offset: float, arrived_at: float) -> "ProgramDateTime":
        """A part that is not the quickest. When all are late for some time, others date what follows."""
        self._arrived_at = arrived_at
        if self._offset is None or offset - self._offset <= DRIFT_SECONDS:
            self._late_since = None
            return self
        if self._late_since is None:
            self._late_since, self._late_offset = arrived_at, offset
        self._late_offset = min(self._late_offset, offset)
        if arrived_at - self._late_since < LATE_SECONDS:
            return self
        following = ProgramDateTime()
        following._first_ms, following._offset, following._arrived_at = start_ms, self._late_offset, arrived_at
        return following
