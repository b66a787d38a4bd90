"""Tracks and encoded frames of a publisher, independent of the protocol."""

from dataclasses import dataclass
from typing import Literal

VideoCodec = Literal["avc1", "hvc1", "av01"]
"""H.264, HEVC, AV1: the names of their sample entries in MP4."""


@dataclass(frozen=True, slots=True)
class VideoTrack:
    """How to decode the following video frames. A different track begins a new period."""

    codec: VideoCodec
    config: bytes
    """The decoder configuration record, as in the ``avcC``, ``hvcC`` or ``av1C`` box."""
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class AudioTrack:
    """How to decode the following audio frames, which are AAC."""

    config: bytes
    """The AudioSpecificConfig of ISO 14496-3."""
    sample_rate: int
    """Samples per second. A frame has ``samples_per_frame`` samples."""
    channels: int
    samples_per_frame: int = 1024


@dataclass(frozen=True, slots=True)
class VideoFrame:
    """One access unit, in decoding order."""

    dts_ms: int
    """Decoding time on the publisher's clock, which audio shares. It starts at any value and never wraps."""
    cts_ms: int
    """Composition time offset: how much later the frame is shown. Not 0 with B-frames."""
    is_key: bool
    data: bytes
    """Content of an MP4 sample: length-prefixed NAL units, or OBUs."""


@dataclass(frozen=True, slots=True)
class AudioFrame:
    """One AAC frame, without ADTS."""

    dts_ms: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Media that cannot be played. It is reported once, until a usable track arrives."""

    reason: str
    """Message for the streamer: what is wrong and which setting to change."""
    kind: Literal["video", "audio", "extra"]
    """What is missing because of it. For extra tracks nothing is missing: the first track is played."""


Media = VideoTrack | AudioTrack | VideoFrame | AudioFrame | Unsupported
