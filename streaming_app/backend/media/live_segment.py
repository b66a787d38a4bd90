"""A segment of the live window, while parts are added to it and afterwards."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from streaming_app.backend.media.program_date_time import ProgramDateTime
from streaming_app.backend.media.window_snapshot import Segment


@dataclass(slots=True)
class ListedPart:
    """A partial segment as the playlist lists it."""

    name: str
    seconds: float
    is_independent: bool
    """Whether it starts with a keyframe."""
    size: int
    """Bytes."""


@dataclass(slots=True)
class LiveSegment:
    """Consecutive parts from one keyframe up to another."""

    number: int
    """Media sequence number."""
    init_file: str
    """Name of the file with the initialization segment."""
    program_date_time: ProgramDateTime
    source_start_ms: float
    """Decoding time of the first frame of the source's segment with this number, on the publisher's clock."""
    is_discontinuity: bool
    discontinuity_sequence: int
    """Number of discontinuities so far, this segment's included (4.4.3.3). It is the same in every rendition."""
    start_ms: float
    """Decoding time of the first frame, on the publisher's clock."""
    pts_ms: float
    """Presentation time of the first frame, on the publisher's clock."""
    parts: list[ListedPart] = field(default_factory=list[ListedPart])
    seconds: float = 0.0
    size: int = 0
    """Bytes."""
    name: str = ""
    """Name of the segment's file; empty while parts may still be added."""
    lists_parts: bool = True
    """Whether the playlist still lists the parts."""

    @property
    def starts_at(self) -> float:
        """Unix time of the first frame. It may become earlier while a period's first parts arrive."""
        return self.program_date_time.at(self.source_start_ms)

    @property
    def starts_at_utc(self) -> datetime:
        """``starts_at`` as a date and time."""
        return datetime.fromtimestamp(self.starts_at, UTC)

    @property
    def bits_per_second(self) -> float:
        """Average bit rate so far."""
        return self.size * 8 / self.seconds if self.seconds else 0.0

    def completed(self) -> Segment:
        """Return the segment as the recorder sees it, once it is complete."""
        return Segment(self.number, self.seconds, self.starts_at_utc, self.init_file, self.is_discontinuity)
