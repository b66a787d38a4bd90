"""Recordings, and the limits on their storage."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from streaming_app.backend.streams.model import Channel


class RecordingGapReason(StrEnum):
    """Why parts of a stream are missing from its recording."""

    NONE = ""
    DISK = "disk"
    """The disk had less free space than ``RECORDING_RESERVE``."""
    QUOTA = "quota"
    """The recording alone filled the channel's quota."""


@dataclass(frozen=True, slots=True)
class Recording:
    """The recording of one stream."""

    recording_id: str
    """Id of the stream, which has at most one recording. It is also the name of the recording's folder."""
    channel_id: str
    title: str
    category: str
    started_at: datetime
    """When the stream started."""
    seconds: float = 0.0
    """Duration."""
    size: int = 0
    """Bytes of video."""
    gap_reason: RecordingGapReason = RecordingGapReason.NONE
    """Why parts of the stream are missing, if any are."""
    ended_at: datetime | None = None
    """``None`` while segments may still be added."""


@dataclass(frozen=True, slots=True)
class RecordingLimits:
    """Limits on the storage of recordings. ``Settings`` documents each."""

    retention: timedelta
    quota: int
    reserve: int


@dataclass(frozen=True, slots=True)
class RecordingLibrary:
    """All recordings of a channel, for its owner."""

    channel: Channel
    recordings: Sequence[Recording]
    """Newest first."""
    in_progress_id: str
    """Id of the recording of the current stream; empty while the channel is offline."""
    used: int
    """Bytes of all recordings."""
    limits: RecordingLimits

    @property
    def finished(self) -> list[Recording]:
        """Recordings to which nothing is added any more."""
        return [r for r in self.recordings if r.ended_at or r.recording_id != self.in_progress_id]
