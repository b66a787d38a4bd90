"""How well a publisher's stream arrives, and advice for the streamer."""

from collections.abc import Iterator
from dataclasses import dataclass

from streaming_app.backend.media.cutter import KEYFRAME_TIMEOUT_MS
from streaming_app.backend.media.playback_reports import PlaybackStats
from streaming_app.backend.media.tracks import Unsupported

KEY_INTERVAL_GOOD_SECONDS = 2.2
"""Longest keyframe interval without advice. Joining and changing quality wait for a keyframe; two seconds is usual."""
LATE_SECONDS = 2.0
"""Delay, compared with the fastest frame, from which the publisher's upload counts as too slow."""
BITRATE_HIGH_KBPS = 8_000
"""Bit rate that many viewers cannot receive."""
SOUND_AHEAD_SECONDS = 1.0
"""Offset between audio and video timestamps from which the encoder's clock counts as wrong."""
HELD_SECONDS_MIN = 0.1
"""Delay in the encoder from which there is advice."""
BURST_SECONDS_MIN = 0.25
"""Difference of delays within a second from which there is advice. Large keyframes alone make 0.1 s."""
DISCONNECTS_MANY = 3
"""Disconnects within ``HISTORY_SECONDS`` from which they count as unintended."""

NO_KEYFRAME = (
    f"No keyframe for {KEYFRAME_TIMEOUT_MS // 1000} s: set the encoder's keyframe interval to 2 s."
    " Until there is one, low latency and recording pause, and new viewers may see no picture."
)


@dataclass(frozen=True, slots=True)
class SecondStats:
    """Media that arrived within one second."""

    at: int
    """Unix time at which the second started."""
    kbps: int
    frames: int
    """Video frames."""


@dataclass(frozen=True, slots=True)
class RenditionStats:
    """A rendition that is offered to viewers."""

    rendition: str
    viewers: int
    """Players at the live edge, without those behind a CDN."""


@dataclass(frozen=True, slots=True)
class IngestHealth:
    """How a stream arrives, for its streamer. Unknown values are 0 or empty."""

    video_codec: str = ""
    width: int = 0
    height: int = 0
    frames_per_second: float = 0.0
    kbps: int = 0
    key_interval_seconds: float = 0.0
    """Longest recent interval between keyframes."""
    b_frame_delay_ms: int = 0
    """How much longer B-frames make the delay; 0 without B-frames."""
    held_frames: int = 0
    """Number of frames that the encoder collects before it sends the first of them, if it says so."""
    burst_seconds: float = 0.0
    """By how much the delay of frames differs within a second, because they arrive in bursts."""
    audio_codec: str = ""
    sample_rate: int = 0
    channels: int = 0
    late_seconds: float = 0.0
    """Delay of frames, compared with the fastest frame."""
    unusual_pixel_format: str = ""
    """Pixel format, if most phones, Firefox and Safari cannot play it."""
    audio_ahead_seconds: float = 0.0
    """How far the audio's timestamps are ahead of the video's; negative if behind. The packager corrects it."""
    drops_audio: bool = False
    """Whether audio is dropped because it cannot be synchronized with the video."""
    disconnects: int = 0
    """Disconnects of the encoder in the last five minutes."""
    was_disconnected_at_timestamp_limit: bool = False
    """Whether the last disconnect was where timestamps exceed 24 bits."""
    unsupported: tuple[Unsupported, ...] = ()
    """Media that arrives and cannot be played."""
    packaging_issue: str = ""
    """Why there is no low-latency video."""
    ladder_issue: str = ""
    """Why there are no smaller renditions although there could be."""
    renditions: tuple[RenditionStats, ...] = ()
    """Renditions that are offered: the source, then smaller ones."""
    playback: PlaybackStats | None = None
    """What players report; ``None`` if there are no reports."""
    history: tuple[SecondStats, ...] = ()


def advice(health: IngestHealth) -> list[str]:
    """Return what the streamer should change, most important first; empty if all is well."""
    words = [unsupported.reason for unsupported in health.unsupported]
    words += [words for words in (health.packaging_issue, health.ladder_issue) if words]
    words += _about_arrival(health)
    words += _about_tracks(health)
    if health.kbps > BITRATE_HIGH_KBPS:
        words.append(f"{health.kbps:,} kbit/s is more than many viewers can receive. 6,000 is enough for 1080p.")
    return words


def delay_advice(health: IngestHealth) -> list[str]:
    """Return which settings of the encoder make the delay longer, most important first."""
    return list(_about_delay(health))


def _about_delay(health: IngestHealth) -> Iterator[str]:
    held_seconds = health.held_frames / health.frames_per_second if health.frames_per_second else 0.0
    if held_seconds >= HELD_SECONDS_MIN:
        yield (
            f"Your encoder (x264) collects {health.held_frames} frames before it sends the first of them:"
            f" {held_seconds:.1f} s of delay. In OBS, choose the tune zerolatency (Settings > Output, output mode"
            " Advanced)."
        )
    if health.b_frame_delay_ms:
        yield (
            f"B-frames delay the picture by {health.b_frame_delay_ms / 1000:.2f} s. In OBS, set B-frames to 0 (Settings"
            " > Output, output mode Advanced). With x264, choose the tune zerolatency instead."
        )
    if health.burst_seconds >= BURST_SECONDS_MIN and health.late_seconds <= LATE_SECONDS:
        yield (
            f"Your frames arrive in bursts, up to {health.burst_seconds:.1f} s apart, so viewers need a longer delay."
            " Use a network cable instead of Wi-Fi, and a constant bitrate (CBR) well below your upload speed. If that"
            " changes nothing, the server is busy."
        )


def _about_arrival(health: IngestHealth) -> Iterator[str]:
    if health.was_disconnected_at_timestamp_limit:
        yield (
            "Your encoder was disconnected when its timestamps passed 4 h 39 min: it writes larger ones in a form that"
            " the server cannot read. Restart its stream before that."
        )
    elif health.disconnects >= DISCONNECTS_MANY:
        yield (
            f"Your encoder's connection ended {health.disconnects} times in five minutes. If you did not stop it,"
            " check its network, and turn off captions and other data tracks: the server disconnects an encoder whose"
            " data it cannot read."
        )
    if health.late_seconds > LATE_SECONDS:
        yield (
            f"Your stream arrives {health.late_seconds:.0f} s late. Either the upload is too slow for its bitrate"
            f" (about {health.kbps:,} kbit/s), or the server is busy. Try a lower bitrate; if that changes nothing,"
            " it is the server."
        )
    if abs(health.audio_ahead_seconds) > SOUND_AHEAD_SECONDS:
        where = "ahead of" if health.audio_ahead_seconds > 0 else "behind"
        yield (
            f"The sound is {abs(health.audio_ahead_seconds):.0f} s {where} the picture. Low latency and the recording"
            " correct this, plain HLS can't. Check the encoder's clock and its audio sync offset."
        )
    if health.drops_audio:
        yield "The audio can't be played: its timestamps don't match the video's. Restart your encoder."
    if health.key_interval_seconds > KEY_INTERVAL_GOOD_SECONDS:
        yield (
            f"Set the keyframe interval to 2 s: yours is {health.key_interval_seconds:g} s, and new viewers wait for a"
            " keyframe. In OBS: Settings > Output > Keyframe Interval."
        )


def _about_tracks(health: IngestHealth) -> Iterator[str]:
    missing = {unsupported.kind for unsupported in health.unsupported}
    if health.history and not health.video_codec and "video" not in missing:
        yield "There is no video. Add a source to your scene."
    if health.history and not health.audio_codec and "audio" not in missing:
        yield "There is no audio. Check the encoder's audio track; it should be AAC."
    if health.video_codec in {"hvc1", "av01"}:
        yield "Not every browser plays this video format. H.264 reaches everyone."
    if health.unusual_pixel_format:
        yield (
            f"Most phones, Firefox and Safari cannot play the color format {health.unusual_pixel_format}. In OBS,"
            " choose the color format NV12."
        )
