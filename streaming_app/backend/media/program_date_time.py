"""Maps the publisher's clock to Unix time, by the arrival of its parts (``EXT-X-PROGRAM-DATE-TIME``)."""

from datetime import datetime

JITTER_SECONDS = 0.1
"""Parts that arrive earlier than expected by less than this do not change the dates."""
DRIFT_SECONDS = 1.0
"""If parts arrive later than this for ``LATE_SECONDS``, the publisher's clock is slow and later dates are adjusted."""
LATE_SECONDS = 10.0
CLOCK_SET_BACK_SECONDS = 1.0
"""If a part arrives earlier than the previous one by more than this, the wall clock was set back."""
OVERLAP_SECONDS_MAX = 60.0
"""Maximum buffered video of an encoder that reconnects. Larger overlaps mean that the wall clock was set back."""


class ProgramDateTime:
    """Dates of consecutive segments. They advance with the publisher's clock.

    The part with the smallest delay sets the dates. If a part has a smaller delay than all earlier parts, as in a burst
    of buffered video, the dates of earlier parts move back as well, but not before ``not_before``, a Unix time.
    """

    def __init__(self, not_before: float | None = None) -> None:
        self._not_before = not_before
        self._first_ms = 0.0
        self._offset: float | None = None
        self._arrived_at = 0.0
        self._late_since: float | None = None
        self._late_offset = 0.0

    def at(self, ms: float) -> float:
        """Return the Unix time for a time of the publisher's clock."""
        return (self._offset or 0.0) + ms / 1000

    def observe(self, start_ms: float, end_ms: float, arrived_at: float) -> "ProgramDateTime":
        """Record when a part was complete, as Unix time. Return the dates for this part and for later ones."""
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
        """Record a part that has not the smallest delay. Return new dates if all parts have been late for some time."""
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


def program_date_time_tag(at: datetime) -> str:
    """Return the ``EXT-X-PROGRAM-DATE-TIME`` tag for a time in UTC."""
    return f"#EXT-X-PROGRAM-DATE-TIME:{at.isoformat(timespec='milliseconds').replace('+00:00', 'Z')}"
