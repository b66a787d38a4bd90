"""What a publisher sends, whatever it came by: tracks and the frames of each, still encoded."""

from dataclasses import dataclass
from typing import Literal

VideoCodec = Literal["avc1", "hvc1", "av01"]
"""H.264, HEVC, AV1: the names of their sample entries in MP4."""


@dataclass(frozen=True, slots=True)
class VideoTrack:
    """How to decode the video frames from here on; a new one, when it differs, begins a new period of video."""

    codec: VideoCodec
    config: bytes
    """The decoder configuration record, as in the ``avcC``, ``hvcC`` or ``av1C`` box."""
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class AudioTrack:
    """How to decode the audio frames from here on: AAC."""

    config: bytes
    """The AudioSpecificConfig of ISO 14496-3."""
    sample_rate: int
    """Hz; one frame is ``samples_per_frame`` of these."""
    channels: int
    samples_per_frame: int = 1024


@dataclass(frozen=True, slots=True)
class VideoFrame:
    """One access unit, in decoding order."""

    dts_ms: int
    """When to decode it, on the publisher's clock; shared with the audio, begins anywhere, never wraps."""
    cts_ms: int
    """How much later it is shown: not 0 with B-frames."""
    is_key: bool
    data: bytes
    """As in an MP4 sample: length-prefixed NAL units, or OBUs."""


@dataclass(frozen=True, slots=True)
class AudioFrame:
    """One AAC frame, without ADTS."""

    dts_ms: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Something that the publisher sends and that cannot be shown. It is yielded once, until a usable track comes."""

    reason: str
    """A sentence for the streamer: what is wrong and what to set."""
    kind: Literal["video", "audio", "extra"]
    """What is missing because of it; of extra tracks, nothing: the first one is shown."""


Media = VideoTrack | AudioTrack | VideoFrame | AudioFrame | Unsupported
