"""An encoder like OBS: ffmpeg, which publishes a moving test picture and a tone over RTMP."""

import json
import subprocess
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from itertools import pairwise
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
"""Codecs, with a keyframe each second. Encoding needs a fifth of a core."""


def publisher(rtmp_url: str, log: Path, *, seconds: float | None = None, options: Sequence[str] = ()) -> Process:
    """Start publishing in real time, for ``seconds`` or until stopped, with additional ``options`` of ffmpeg.

    ``stop`` ends the stream properly. ``kill`` ends it like a crash. ``output`` contains ffmpeg's messages about a
    refusal.
    """
    source = ["-re", "-f", "lavfi", "-i", PICTURE, "-re", "-f", "lavfi", "-i", TONE]
    limit = [] if seconds is None else ["-t", f"{seconds:g}"]
    command = ["ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "warning"]
    return Process("ffmpeg", [*command, *source, *ENCODING, *options, *limit, "-f", "flv", rtmp_url], log)


@contextmanager
def publishing(rtmp_url: str, log: Path, options: Sequence[str] = ()) -> Generator[Process]:
    """Run a publisher with additional ``options`` of ffmpeg while the block runs."""
    encoder = publisher(rtmp_url, log, options=options)
    try:
        yield encoder
    finally:
        encoder.stop()


def probe(content: bytes, file: Path) -> dict[str, dict[str, Any]]:
    """Write ``content`` to ``file``, decode it, and return its streams by type. Fails if ffprobe prints an error."""
    file.write_bytes(content)
    command = ["ffprobe", "-v", "error", "-show_streams", "-count_frames", "-of", "json", str(file)]
    probed = subprocess.run(command, capture_output=True, text=True, check=True)
    assert probed.stderr == ""
    return {stream["codec_type"]: stream for stream in json.loads(probed.stdout)["streams"]}


def onsets(source: str, tag: str, limit: float) -> list[float]:
    """Return the times of the frames of a libavfilter source in which metadata ``tag`` begins to exceed ``limit``."""
    words = ["-f", "lavfi", "-i", source, "-show_entries", f"frame=pts_time:frame_tags={tag}", "-of", "csv=p=0"]
    output = subprocess.run(["ffprobe", "-v", "error", *words], capture_output=True, text=True, check=True).stdout
    frames = [(float(time), float(value) > limit) for time, value in (line.split(",")[:2] for line in output.split())]
    return [time for (_, was_above), (time, is_above) in pairwise(frames) if is_above > was_above]


def recorded_flv(file: Path, *, seconds: float, picture: str = PICTURE, options: Sequence[str] = ()) -> bytes:
    """Return the FLV file that a publisher would send, encoded without delay. The option ``-an`` omits the sound."""
    inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", TONE]
    command = ["ffmpeg", "-nostdin", "-y", "-v", "error", *inputs, *ENCODING, *options, "-t", f"{seconds:g}"]
    subprocess.run([*command, "-f", "flv", str(file)], check=True)
    return file.read_bytes()
