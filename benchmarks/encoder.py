"""An encoder that paints the time into each picture: ``python -m benchmarks.encoder RTMP_URL``, until it is stopped."""

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import IO

from benchmarks import clock
from tests.rig.processes import Process

ROOT = Path(__file__).parents[1]
NOISE = 8
"""Strength of ffmpeg's noise filter, so that x264 needs the configured bit rate."""
TONE = "sine=frequency=440:sample_rate=48000"
AUDIO_KBPS = 96
REST_SECONDS = 0.25
"""Time before an encoder connects again."""
FFMPEG = ("ffmpeg", "-hide_banner", "-loglevel", "error")


@dataclass(frozen=True, slots=True)
class Picture:
    """Format and bit rate of the published video."""

    width: int = 640
    height: int = 360
    frames_per_second: int = 30
    keyframe_seconds: float = 1.0
    kbps: int = 1000
    b_frames: int = 0


def start(rtmp_url: str, picture: Picture, log: Path, *, comes_back: bool = False) -> Process:
    """Publish the picture from a process of its own, so that the caller's work does not delay it."""
    options = [f"--{name.replace('_', '-')}={getattr(picture, name)}" for name in Picture.__slots__]
    if comes_back:
        options.append("--comes-back")
    return Process("encoder", [sys.executable, "-m", "benchmarks.encoder", rtmp_url, *options], log, folder=ROOT)


def frames(picture: Picture) -> Iterator[bytes]:
    """Yield raw frames in real time, without end, each with the time at which it was made."""
    views = scene(picture)
    began = time.monotonic()
    for number in count():
        # a camera also delivers each picture at its time
        time.sleep(max(0.0, began + number / picture.frames_per_second - time.monotonic()))
        yield painted(picture, views[number % len(views)], time.time_ns() // 1_000_000)


@lru_cache
def scene(picture: Picture) -> list[bytes]:
    """Return one second of a moving scene as raw frames, with a colourless area for the clock."""
    size, rate = f"{picture.width}x{picture.height}", picture.frames_per_second
    place = f"drawbox=width=iw:height=ih*{2 * clock.ROW_SHARE}+2:color=gray:thickness=fill"
    source = f"testsrc2=size={size}:rate={rate},noise=alls={NOISE}:allf=t,{place},format=yuv420p"
    command = [*FFMPEG, "-f", "lavfi", "-i", source, "-frames:v", str(rate), "-f", "rawvideo", "-"]
    video = subprocess.run(command, capture_output=True, check=True).stdout
    frame_bytes = picture.width * picture.height * 3 // 2
    return [video[start : start + frame_bytes] for start in range(0, len(video), frame_bytes)]


def painted(picture: Picture, frame: bytes, unix_ms: int) -> bytes:
    """Return the frame with a clock that shows this time."""
    strip = clock.strip(picture.width, picture.height, unix_ms)
    return b"".join((strip, memoryview(frame)[len(strip) :]))


def raw_input(picture: Picture) -> list[str]:
    """Return ffmpeg's options for reading such frames from a pipe."""
    size, rate = f"{picture.width}x{picture.height}", str(picture.frames_per_second)
    return ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-video_size", size, "-framerate", rate, "-i", "pipe:0"]


def video_encoding(picture: Picture) -> list[str]:
    """Return options for x264 without look-ahead, because the benchmark does not measure the encoder's own delay."""
    interval = str(round(picture.keyframe_seconds * picture.frames_per_second))
    rate = f"{picture.kbps}k"
    # fmt: off
    return [
        "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-profile:v", "main", "-threads", "1",
        "-bf", str(picture.b_frames), "-g", interval, "-keyint_min", interval, "-sc_threshold", "0",
        "-b:v", rate, "-maxrate", rate, "-bufsize", rate,
    ]
    # fmt: on


def main(arguments: Sequence[str] | None = None) -> int:
    """Publish until stopped, or until the server closes the connection."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rtmp_url")
    for name in Picture.__slots__:
        default: float = getattr(Picture(), name)
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(default), default=default)
    parser.add_argument("--comes-back", action="store_true", help="connect again whenever the connection ends")
    wanted = vars(parser.parse_args(arguments))
    rtmp_url: str = wanted.pop("rtmp_url")
    comes_back: bool = wanted.pop("comes_back")
    ended = _publish(rtmp_url, Picture(**wanted))
    while comes_back:
        time.sleep(REST_SECONDS)  # as encoders do before they reconnect
        ended = _publish(rtmp_url, Picture(**wanted))
    return ended


def _publish(rtmp_url: str, picture: Picture) -> int:
    # fmt: off
    command = [
        *FFMPEG, "-fflags", "nobuffer", *raw_input(picture), "-f", "lavfi", "-i", TONE, "-map", "0:v", "-map", "1:a",
        *video_encoding(picture), "-c:a", "aac", "-b:a", f"{AUDIO_KBPS}k",
        "-flush_packets", "1", "-flvflags", "no_duration_filesize", "-f", "flv", rtmp_url,
    ]
    # fmt: on
    source = frames(picture)
    first = next(source)  # make the scene before connecting
    with subprocess.Popen(command, stdin=subprocess.PIPE) as ffmpeg:
        assert ffmpeg.stdin is not None
        return _feed(ffmpeg.stdin, first, source)


def _feed(pipe: IO[bytes], first: bytes, source: Iterator[bytes]) -> int:
    try:
        pipe.write(first)
        for frame in source:
            pipe.write(frame)
            pipe.flush()
    except BrokenPipeError:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
