"""An encoder as OBS would be: ffmpeg publishing a moving test picture and a tone over RTMP."""

import json
import subprocess
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.rig.processes import Process

FRAMES_PER_SECOND = 30
PICTURE = f"testsrc2=size=640x360:rate={FRAMES_PER_SECOND}"
TONE = "sine=frequency=440:sample_rate=48000"
# fmt: off
ENCODING = (
    "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p",
    "-g", str(FRAMES_PER_SECOND), "-keyint_min", str(FRAMES_PER_SECOND), "-sc_threshold", "0", "-b:v", "600k",
    "-c:a", "aac", "-b:a", "96k",
)
# fmt: on
"""A key frame each second; a fifth of a core."""


def publisher(rtmp_url: str, log: Path, *, seconds: float | None = None, options: Sequence[str] = ()) -> Process:
    """Start publishing in real time, for so many seconds or until stopped; `options` are more of ffmpeg's.

    `stop` is an encoder that says goodbye, `kill` one that vanishes; what ffmpeg said of a refusal is its `output`.
    """
    source = ["-re", "-f", "lavfi", "-i", PICTURE, "-re", "-f", "lavfi", "-i", TONE]
    limit = [] if seconds is None else ["-t", f"{seconds:g}"]
    command = ["ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "warning"]
    return Process("ffmpeg", [*command, *source, *ENCODING, *options, *limit, "-f", "flv", rtmp_url], log)


@contextmanager
def publishing(rtmp_url: str, log: Path) -> Generator[Process]:
    """A publisher for as long as the block lasts."""
    encoder = publisher(rtmp_url, log)
    try:
        yield encoder
    finally:
        encoder.stop()


def probe(content: bytes, file: Path) -> dict[str, dict[str, Any]]:
    """What ffprobe finds in `content`, put into `file`, decoding all of it: its streams by kind; a complaint fails."""
    file.write_bytes(content)
    command = ["ffprobe", "-v", "error", "-show_streams", "-count_frames", "-of", "json", str(file)]
    probed = subprocess.run(command, capture_output=True, text=True, check=True)
    assert probed.stderr == ""
    return {stream["codec_type"]: stream for stream in json.loads(probed.stdout)["streams"]}


def recorded_flv(file: Path, *, seconds: float, picture: str = PICTURE, options: Sequence[str] = ()) -> bytes:
    """The FLV file that a publisher would send: with sound, unless the options say ``-an``; made at once."""
    inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", TONE]
    command = ["ffmpeg", "-nostdin", "-y", "-v", "error", *inputs, *ENCODING, *options, "-t", f"{seconds:g}"]
    subprocess.run([*command, "-f", "flv", str(file)], check=True)
    return file.read_bytes()
