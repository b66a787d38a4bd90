"""The bitrate ladder: which smaller renditions a stream gets, and the ffmpeg command that makes all of them.

The source is copied. Smaller renditions are H.264 with a keyframe wherever the source has one, so that all renditions
have the same segments.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from streaming_app.backend.media.codecs import unusual_pixel_format
from streaming_app.backend.media.tracks import VideoTrack

SOURCE = "source"
"""Name of the rendition that is the publisher's own video, copied."""
RUNGS_MAX = 3
PRESET = "veryfast"
KEYFRAMES_AT_LEAST = 600
"""Maximum keyframe interval in frames, for a source without keyframes. Otherwise x264 copies the source's keyframes."""
NICENESS = 10
"""Lower priority than the ingest and the packager."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One smaller rendition."""

    height: int
    kbps: int
    level: str
    """H.264 level, high enough for 60 frames per second."""

    @property
    def name(self) -> str:
        """Name of the rendition in its address."""
        return f"{self.height}p"

    @property
    def codec(self) -> str:
        """Codec string of RFC 6381, main profile."""
        return f"avc1.4d40{round(float(self.level) * 10):02x}"

    def width(self, source: VideoTrack) -> int:
        """Return the width for the source's aspect ratio, which is even, as H.264 requires."""
        return round(source.width * self.height / source.height / 2) * 2


RUNGS = (Rung(720, 2800, "3.2"), Rung(480, 1200, "3.1"), Rung(360, 700, "3.1"), Rung(240, 400, "3.0"))
"""All rungs, best first. Bit rates are those that streaming services publish."""


def ladder_for(source: VideoTrack) -> tuple[Rung, ...]:
    """Return the best rungs below the source; none for a small source or for a codec other than H.264.

    A source with an unusual pixel format also gets a rung of its own size, unless that is larger than every rung.
    """
    if source.codec != "avc1":
        return ()
    smaller = [rung for rung in RUNGS if rung.height < source.height]
    if unusual_pixel_format(source) and source.height <= RUNGS[0].height:
        like = min((rung for rung in RUNGS if rung.height >= source.height), key=lambda rung: rung.height)
        smaller.insert(0, replace(like, height=source.height // 2 * 2))
    return tuple(smaller)[:RUNGS_MAX]


def ffmpeg_command(rungs: Sequence[Rung], source: VideoTrack, outputs: Sequence[int]) -> list[str]:
    """Return the ffmpeg command that reads FLV from standard input and writes each rung as FLV to a file descriptor.

    Its options avoid delay: no look-ahead, no frame threads, no probing beyond the first frames.
    """
    names = [f"s{index}" for index in range(len(rungs))]
    split = f"[0:v]split={len(rungs)}" + "".join(f"[{name}]" for name in names)
    scales = [
        f"[{name}]scale={rung.width(source)}:{rung.height}:flags=fast_bilinear[{rung.name}]"
        for name, rung in zip(names, rungs, strict=True)
    ]
    # fmt: off
    arguments = [
        "nice", "-n", str(NICENESS), "ffmpeg", "-hide_banner", "-loglevel", "error",
        "-fflags", "nobuffer", "-flags", "low_delay", "-probesize", "32", "-analyzeduration", "0", "-fpsprobesize", "0",
        "-protocol_whitelist", "pipe", "-threads", "1", "-copyts", "-f", "flv", "-i", "pipe:0",
        "-filter_complex", ";".join([split, *scales]),
    ]
    for rung, output in zip(rungs, outputs, strict=True):
        arguments += [
            "-map", f"[{rung.name}]", "-fps_mode", "passthrough", "-enc_time_base", "1:1000",
            "-c:v", "libx264", "-preset", PRESET, "-tune", "zerolatency", "-profile:v", "main", "-level:v", rung.level,
            "-pix_fmt", "yuv420p", "-force_key_frames", "source", "-forced-idr", "1",
            "-g", str(KEYFRAMES_AT_LEAST), "-sc_threshold", "0",
            "-b:v", f"{rung.kbps}k", "-maxrate", f"{rung.kbps}k", "-bufsize", f"{rung.kbps}k",
            "-flush_packets", "1", "-flvflags", "no_duration_filesize", "-f", "flv", f"pipe:{output}",
        ]
    # fmt: on
    return arguments
