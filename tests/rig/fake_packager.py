"""A packager without nginx: lists segments and has files for them, as the real one does."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from streaming_app.backend.media.ports import PackagerUnavailableError

SEGMENT_SECONDS = 2.0


@dataclass
class FakeSegment:
    """One line of the playlist."""

    number: int
    at: datetime
    seconds: float
    initialization: str


@dataclass
class FakeChannel:
    """One channel's window. Times are the test's."""

    folder: Path
    at: datetime
    """When the next segment begins."""
    number: int = 1000
    """Of the next segment."""
    window: int = 60
    has_ended: bool = False
    is_open: bool = False
    """Whether a segment is under way."""
    initialization: str = ""
    segments: list[FakeSegment] = field(default_factory=list[FakeSegment])

    def begin(self) -> None:
        """A publisher came, for the first time or again."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.initialization = f"init-{self.number}.mp4"
        (self.folder / self.initialization).write_bytes(b"init" + str(self.number).encode())

    def cut(self, count: int = 1, seconds: float = SEGMENT_SECONDS) -> None:
        """So many segments are complete."""
        for _ in range(count):
            (self.folder / f"{self.number}.m4s").write_bytes(f"segment {self.number}".encode() * 10)
            self.segments.append(FakeSegment(self.number, self.at, seconds, self.initialization))
            self.number += 1
            self.at += timedelta(seconds=seconds)
        while len(self.segments) > self.window:
            (self.folder / f"{self.segments.pop(0).number}.m4s").unlink()

    def playlist(self) -> str:
        """As the packager answers."""
        lines = [
            "#EXTM3U",
            "#EXT-X-VERSION:9",
            "#EXT-X-TARGETDURATION:2",
            "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.600,HOLD-BACK=6,CAN-SKIP-UNTIL=12",
            f"#EXT-X-MEDIA-SEQUENCE:{self.segments[0].number if self.segments else self.number}",
        ]
        initialization = ""
        for segment in self.segments:
            lines += _lines(segment, initialization)
            lines += [f"#EXTINF:{segment.seconds:.5f},", f"{segment.number}.m4s"]
            initialization = segment.initialization
        if self.is_open:
            lines += _lines(FakeSegment(self.number, self.at, 0, self.initialization), initialization)
            lines.append(f'#EXT-X-PART:DURATION=0.2,URI="{self.number}.0.m4s",INDEPENDENT=YES')
        lines.append("#EXT-X-ENDLIST" if self.has_ended else f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{self.number}.1.m4s"')
        return "\n".join(lines) + "\n"


class FakePackager:
    """Implements ``media.ports.LivePlaylists``."""

    def __init__(self) -> None:
        self.channels: dict[str, FakeChannel] = {}
        self.is_up = True

    async def source(self, channel_id: str) -> str:
        if not self.is_up:
            message = "nobody listens"
            raise PackagerUnavailableError(message)
        channel = self.channels.get(channel_id)
        return channel.playlist() if channel else ""


def _lines(segment: FakeSegment, previous_initialization: str) -> list[str]:
    lines: list[str] = []
    if segment.initialization != previous_initialization:
        lines = ["#EXT-X-DISCONTINUITY"] if previous_initialization else []
        lines.append(f'#EXT-X-MAP:URI="{segment.initialization}"')
    at = segment.at
    return [*lines, f"#EXT-X-PROGRAM-DATE-TIME:{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"]
