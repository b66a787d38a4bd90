"""Recordings, and what they may take up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from streaming_app.backend.streams.model import Channel


class RecordingGapReason(StrEnum):
    """What keeps a stream from being recorded."""

    NONE = ""
    DISK = "disk"
    """The disk is as full as recordings may make it."""
    QUOTA = "quota"
    """This one recording fills the channel's quota."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A stream, kept."""

    recording_id: str
    """The id of the stream: each has at most one. Also the name of its folder."""
    channel_id: str
    title: str
    category: str
    started_at: datetime
    """When the stream began."""
    seconds: float = 0.0
    """How long it plays."""
    size: int = 0
    """Bytes of video."""
    gap_reason: RecordingGapReason = RecordingGapReason.NONE
    """What kept parts of the stream out of it, if anything did."""
    ended_at: datetime | None = None
    """``None`` while more may come."""


@dataclass(frozen=True, slots=True)
class RecordingLimits:
    """What recordings may take up; ``Settings`` documents each."""

    retention: timedelta
    quota: int
    reserve: int


@dataclass(frozen=True, slots=True)
class RecordingLibrary:
    """A channel's recordings as its owner sees them."""

    channel: Channel
    recordings: Sequence[Recording]
    """Newest first."""
    in_progress_id: str
    """The one of the stream that is open now; empty without."""
    used: int
    """Bytes of all of them."""
    limits: RecordingLimits

    @property
    def finished(self) -> list[Recording]:
        """Those of streams that are over."""
        return [r for r in self.recordings if r.ended_at or r.recording_id != self.in_progress_id]
