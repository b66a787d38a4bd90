"""Publishers that send a recorded video again and again: encoding live ones would need a tenth of the machine."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.chaos.population import Channel
from tests.rig.ffmpeg import recorded_flv
from tests.rig.processes import Process

PICTURE = "testsrc2=size=320x180:rate=15"
OPTIONS = ("-g", "15", "-keyint_min", "15", "-b:v", "200k", "-maxrate", "200k", "-bufsize", "200k")
"""A keyframe each second."""
VIDEO_SECONDS = 60.0
REST_SECONDS = 0.25
"""Time before a publisher connects again, as encoders do."""


def start(channels: Sequence[Channel], folder: Path) -> list[Process]:
    """Start a publisher for each channel, which connects again whenever its connection ends."""
    video = folder / "video.flv"
    recorded_flv(video, seconds=VIDEO_SECONDS, picture=PICTURE, options=OPTIONS)
    return [_publisher(channel, video, folder) for channel in channels]


def _publisher(channel: Channel, video: Path, folder: Path) -> Process:
    publish = f"ffmpeg -nostdin -v error -re -stream_loop -1 -i {video} -c copy -f flv '{channel.publishing.rtmp_url}'"
    command = ["sh", "-c", f"while :; do {publish}; sleep {REST_SECONDS}; done"]
    return Process("publisher", command, folder / f"publisher-{channel.channel_id}.log")
