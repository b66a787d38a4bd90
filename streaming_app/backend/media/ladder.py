"""The ladder: which smaller renditions a stream is offered in, and how ffmpeg makes all of them at once.

The source is passed on as it is; what is made here is H.264 with a key frame wherever the source has one, so that
every rendition has the same segments.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from streaming_app.backend.media.codecs import unusual_pixel_format
from streaming_app.backend.media.tracks import VideoTrack

SOURCE = "source"
"""Name of the rendition that is the publisher's own video, copied."""
RUNGS_MAX = 3
PRESET = "veryfast"
KEY_FRAMES_AT_LEAST = 600
"""Frames. x264 sets key frames where the source has them; without any it would go on for ever."""
NICENESS = 10
"""Ingest and the packager go first."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One rendition to make."""

    height: int
    kbps: int
    level: str
    """Of H.264, high enough for 60 frames a second."""

    @property
    def name(self) -> str:
        """As in its address."""
        return f"{self.height}p"

    @property
    def codec(self) -> str:
        """RFC 6381: main profile."""
        return f"avc1.4d40{round(float(self.level) * 10):02x}"

    def width(self, source: VideoTrack) -> int:
        """With the source's shape; even, as H.264 wants it."""
        return round(source.width * self.height / source.height / 2) * 2


RUNGS = (Rung(720, 2800, "3.2"), Rung(480, 1200, "3.1"), Rung(360, 700, "3.1"), Rung(240, 400, "3.0"))
"""Best first; bit rates as services of this kind publish them."""


def ladder_for(source: VideoTrack) -> tuple[Rung, ...]:
    """The best rungs below the source; none when it is small itself, or in a format that ffmpeg is not given.

    A source whose colours few devices play gets a rung of its own size, too, unless that is larger than any rung.
    """
    if source.codec != "avc1":
        return ()
    smaller = [rung for rung in RUNGS if rung.height < source.height]
    if unusual_pixel_format(source) and source.height <= RUNGS[0].height:
        like = min((rung for rung in RUNGS if rung.height >= source.height), key=lambda rung: rung.height)
        smaller.insert(0, replace(like, height=source.height // 2 * 2))
    return tuple(smaller)[:RUNGS_MAX]


def ffmpeg_command(rungs: Sequence[Rung], source: VideoTrack, outputs: Sequence[int]) -> list[str]:
    """The ffmpeg that reads FLV from its standard input and writes each rung as FLV to an open file descriptor.

    It adds no delay of its own: no look-ahead, no frame threads, no probing beyond the first frames.
    """
    names = [f"s{index}" for index in range(len(rungs))]
    split = f"[0:v]split={len(rungs)}" + "".join(f"[{name}]" for name in names)
    scales = [
        f"[{name}]scale={rung.width(source)}:{rung.height}:flags=fast_bilinear[{rung.name}]"
        for name, rung in zip(names, rungs, strict=True)
    ]
    # fmt: off
    words = [
        "nice", "-n", str(NICENESS), "ffmpeg", "-hide_banner", "-loglevel", "error",
        "-fflags", "nobuffer", "-flags", "low_delay", "-probesize", "32", "-analyzeduration", "0", "-fpsprobesize", "0",
        "-protocol_whitelist", "pipe", "-threads", "1", "-copyts", "-f", "flv", "-i", "pipe:0",
        "-filter_complex", ";".join([split, *scales]),
    ]
    for rung, output in zip(rungs, outputs, strict=True):
        words += [
            "-map", f"[{rung.name}]", "-fps_mode", "passthrough", "-enc_time_base", "1:1000",
            "-c:v", "libx264", "-preset", PRESET, "-tune", "zerolatency", "-profile:v", "main", "-level:v", rung.level,
            "-pix_fmt", "yuv420p", "-force_key_frames", "source", "-forced-idr", "1",
            "-g", str(KEY_FRAMES_AT_LEAST), "-sc_threshold", "0",
            "-b:v", f"{rung.kbps}k", "-maxrate", f"{rung.kbps}k", "-bufsize", f"{rung.kbps}k",
            "-flush_packets", "1", "-flvflags", "no_duration_filesize", "-f", "flv", f"pipe:{output}",
        ]
    # fmt: on
    return words
