"""The clock that the benchmarks paint into frames, with real encoders and decoders."""

import subprocess

import pytest

from benchmarks import clock, encoder
from benchmarks.encoder import Picture

FFMPEG = ("ffmpeg", "-hide_banner", "-loglevel", "error")
TRANSCODING = ("-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-b:v", "400k", "-maxrate", "400k")
SD = Picture()
HD_60 = Picture(1280, 720, frames_per_second=60, keyframe_seconds=2.0, kbps=2500, b_frames=2)


def _ffmpeg(*words: str, given: bytes) -> bytes:
    return subprocess.run([*FFMPEG, *words], input=given, capture_output=True, check=True).stdout


def _times(count: int) -> list[int]:
    """Times of frames between which every bit of the clock changes."""
    return [1_700_000_000_000 + index * 7_919_333 for index in range(count)]


def _encoded(picture: Picture, times: list[int]) -> bytes:
    views = encoder.scene(picture)
    raw = b"".join(encoder.painted(picture, views[i % len(views)], time) for i, time in enumerate(times))
    words = [*encoder.raw_input(picture), *encoder.video_encoding(picture), "-f", "mpegts", "pipe:1"]
    return _ffmpeg(*words, given=raw)


def _read(video: bytes, width: int, height: int) -> list[int | None]:
    gray = _ffmpeg("-i", "pipe:0", "-f", "rawvideo", "-pix_fmt", "gray", "pipe:1", given=video)
    size = width * height
    return [clock.read(gray[start : start + size], width, height) for start in range(0, len(gray), size)]


@pytest.mark.parametrize("picture", [SD, HD_60], ids=["360p30", "720p60 with B-frames"])
def test_the_clock_is_read_exactly_from_encoded_video(picture: Picture) -> None:
    times = _times(60)

    read = _read(_encoded(picture, times), picture.width, picture.height)

    assert read == [time % clock.PERIOD_MS for time in times]


def test_the_clock_can_be_read_from_the_smallest_rendition() -> None:
    times = _times(60)
    smallest = _ffmpeg(
        "-i", "pipe:0", "-vf", "scale=426:240", *TRANSCODING, "-f", "mpegts", "pipe:1", given=_encoded(SD, times)
    )

    assert _read(smallest, 426, 240) == [time % clock.PERIOD_MS for time in times]


def test_a_frame_without_a_clock_has_no_time() -> None:
    assert clock.read(bytes([128]) * 640 * 360, 640, 360) is None
