"""A packager without nginx, which lists segments and has a file for each."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from streaming_app.backend.media.ports import PackagerUnavailableError
from streaming_app.backend.media.segment_names import init_file_name, segment_file_name
from streaming_app.backend.media.window_snapshot import Segment, WindowSnapshot

SEGMENT_SECONDS = 2.0


@dataclass
class FakeChannel:
    """The live window of one channel. The test sets all times."""

    folder: Path
    at: datetime
    """Time at which the next segment starts."""
    number: int = 1000
    """Number of the next segment."""
    window: int = 60
    """Number of segments that are kept."""
    has_ended: bool = False
    is_open: bool = False
    """Whether there is an unfinished segment."""
    init_file: str = ""
    segments: list[Segment] = field(default_factory=list[Segment])

    def begin(self) -> None:
        """Start a period, because a publisher has connected or reconnected."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.init_file = init_file_name(self.number)
        (self.folder / self.init_file).write_bytes(b"init" + str(self.number).encode())

    def cut(self, count: int = 1, seconds: float = SEGMENT_SECONDS) -> None:
        """Complete ``count`` segments."""
        for _ in range(count):
            (self.folder / segment_file_name(self.number)).write_bytes(f"segment {self.number}".encode() * 10)
            self.segments.append(Segment(self.number, seconds, self.at, self.init_file, is_discontinuity=False))
            self.number += 1
            self.at += timedelta(seconds=seconds)
        while len(self.segments) > self.window:
            (self.folder / self.segments.pop(0).name).unlink()

    def snapshot(self) -> WindowSnapshot:
        """Return the answer of the packager."""
        segments: list[Segment] = []
        for segment in self.segments:
            is_discontinuity = bool(segments) and segments[-1].init_file != segment.init_file
            segments.append(replace(segment, is_discontinuity=is_discontinuity))
        return WindowSnapshot(tuple(segments), self.at if self.is_open else None)


class FakePackager:
    """Implements ``media.ports.LiveWindows``."""

    def __init__(self) -> None:
        self.channels: dict[str, FakeChannel] = {}
        self.is_up = True

    async def window(self, channel_id: str) -> WindowSnapshot:
        if not self.is_up:
            message = "nobody listens"
            raise PackagerUnavailableError(message)
        channel = self.channels.get(channel_id)
        return channel.snapshot() if channel else WindowSnapshot()
