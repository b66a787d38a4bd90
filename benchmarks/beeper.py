"""An encoder that sends a flash and a beep at the same media time, again and again."""

from pathlib import Path

from benchmarks.encoder import AUDIO_KBPS, FFMPEG, Picture, video_encoding
from tests.rig.processes import Process

FRAMES = 33
"""Number of frames from one flash to the next: 1.1 s, so that flashes are at all distances from a keyframe."""
LONG_FRAMES = 3
"""Length of a flash and of a beep, in frames."""
FLASH_SHARE = 0.25
"""Height of the flashing area along the upper edge, as a share of the picture's height."""
SAMPLE_RATE = 48_000
FREQUENCY = 1_000
PICTURE = Picture()


def interval_seconds() -> float:
    """Return the time from one flash to the next."""
    return FRAMES / PICTURE.frames_per_second


def start(rtmp_url: str, log: Path) -> Process:
    """Publish until stopped."""
    # fmt: off
    command = [
        *FFMPEG, "-nostdin", "-re", "-f", "lavfi", "-i", flashes(), "-re", "-f", "lavfi", "-i", beeps(),
        "-map", "0:v", "-map", "1:a", *video_encoding(PICTURE), "-c:a", "aac", "-b:a", f"{AUDIO_KBPS}k",
        "-flush_packets", "1", "-flvflags", "no_duration_filesize", "-f", "flv", rtmp_url,
    ]
    # fmt: on
    return Process("beeper", command, log)


def flashes() -> str:
    """Return the video as a source of libavfilter: a moving scene with a black area, which is white in flashes."""
    area = f"drawbox=width=iw:height=ih*{FLASH_SHARE}:thickness=fill:color"
    scene = f"testsrc2=size={PICTURE.width}x{PICTURE.height}:rate={PICTURE.frames_per_second}"
    return f"{scene},{area}=black,{area}=white:enable='lt(mod(n,{FRAMES}),{LONG_FRAMES})',format=yuv420p"


def beeps() -> str:
    """Return the sound as a source of libavfilter: silence between beeps."""
    frame = SAMPLE_RATE // PICTURE.frames_per_second
    tone = f"0.5*sin(2*PI*{FREQUENCY}*t)*lt(mod(n,{FRAMES * frame}),{LONG_FRAMES * frame})"
    return f"aevalsrc='{tone}':sample_rate={SAMPLE_RATE}"
