"""A stream that needs little CPU to publish: encoded once, then sent repeatedly without transcoding."""

import subprocess
from pathlib import Path

from benchmarks import encoder
from benchmarks.encoder import Picture
from tests.rig.processes import Process

SECONDS = 20


def make(file: Path, picture: Picture) -> None:
    """Encode the file."""
    views = encoder.scene(picture)
    # fmt: off
    command = [
        *encoder.FFMPEG, *encoder.raw_input(picture), "-f", "lavfi", "-i", encoder.TONE, "-map", "0:v", "-map", "1:a",
        *encoder.video_encoding(picture), "-c:a", "aac", "-b:a", f"{encoder.AUDIO_KBPS}k", "-shortest", "-f", "flv",
        str(file),
    ]
    # fmt: on
    subprocess.run(command, input=b"".join(views * SECONDS), check=True)


def publish(file: Path, rtmp_url: str, log: Path) -> Process:
    """Publish the file in real time, repeatedly, until stopped."""
    words = ["-re", "-stream_loop", "-1", "-i", str(file), "-c", "copy", "-f", "flv", rtmp_url]
    return Process("publisher", [*encoder.FFMPEG, "-nostdin", *words], log)
