"""The live window as the packager reports it to the recorder, as JSON."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import AwareDatetime, Field

from streaming_app.backend.media.segment_names import INIT_FILE_NAME, segment_file_name


@dataclass(frozen=True, slots=True)
class Segment:
    """A complete media segment."""

    number: Annotated[int, Field(ge=0)]
    """Media sequence number: one higher than the previous segment's, unless segments are missing in between."""
    seconds: float
    starts_at: AwareDatetime
    """Program date and time of the first frame, in UTC."""
    init_file: Annotated[str, Field(pattern=f"^{INIT_FILE_NAME.pattern}$")]
    """Name of the file with the initialization segment."""
    is_discontinuity: bool
    """Whether the segment does not continue the previous one."""

    @property
    def name(self) -> str:
        """Name of the segment's file."""
        return segment_file_name(self.number)


@dataclass(frozen=True, slots=True)
class WindowSnapshot:
    """The live window of a channel's source rendition at one moment. Empty while the channel is offline."""

    segments: tuple[Segment, ...] = ()
    """Complete segments, oldest first."""
    open_since: AwareDatetime | None = None
    """Program date and time at which the unfinished segment starts; ``None`` without an unfinished segment."""
