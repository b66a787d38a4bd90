"""Media playlists, read and written: the packager's sliding one, and the growing one of a recording."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

VERSION = 7
"""Players of fMP4 segments need 6; 7 is what encoders write for it."""
END = "#EXT-X-ENDLIST\n"

_SEGMENT = re.compile(r"(\d{1,19})\.m4s", re.ASCII)
_INITIALIZATION = re.compile(r"init-\d{1,19}\.mp4", re.ASCII)


@dataclass(frozen=True, slots=True)
class Segment:
    """A complete segment, as its lines say."""

    number: int
    """Grows from segment to segment; the next one's is one more, unless something is missing between."""
    seconds: float
    starts_at: datetime
    initialization: str
    """The file that decoding it needs before."""
    is_discontinuity: bool

    @property
    def name(self) -> str:
        """Of its file."""
        return f"{self.number}.m4s"


@dataclass(frozen=True, slots=True)
class Playlist:
    """A media playlist of the packager, or of a recording."""

    segments: Sequence[Segment] = ()
    open_since: datetime | None = None
    """When the segment begins that is under way."""
    target_seconds: int = 0
    has_ended: bool = False


@dataclass(slots=True)
class _PlaylistReader:
    segments: list[Segment] = field(default_factory=list[Segment])
    initialization: str = ""
    is_discontinuity: bool = False
    seconds: float | None = None
    starts_at: datetime | None = None
    target_seconds: int = 0
    has_ended: bool = False

    def read(self, line: str) -> None:
        tag, _, value = line.partition(":")
        match tag:
            case "#EXT-X-TARGETDURATION":
                self.target_seconds = int(value)
            case "#EXT-X-MAP":
                self.initialization = value.removeprefix('URI="').partition('"')[0]
            case "#EXT-X-DISCONTINUITY":
                self.is_discontinuity = True
            case "#EXT-X-PROGRAM-DATE-TIME":
                self.starts_at = datetime.fromisoformat(value)
            case "#EXTINF":
                self.seconds = float(value.partition(",")[0])
            case "#EXT-X-ENDLIST":
                self.has_ended = True
            case _ if line and not line.startswith("#"):
                self._end_segment(line)
            case _:
                pass

    def _end_segment(self, name: str) -> None:
        known = _SEGMENT.fullmatch(name)
        if known and self.seconds is not None and self.starts_at and _INITIALIZATION.fullmatch(self.initialization):
            self.segments.append(
                Segment(int(known[1]), self.seconds, self.starts_at, self.initialization, self.is_discontinuity)
            )
        self.seconds = self.starts_at = None
        self.is_discontinuity = False


def parse(text: str) -> Playlist:
    """What the playlist lists; segments whose lines say too little are left out. Raises ``ValueError``."""
    reader = _PlaylistReader()
    for line in text.splitlines():
        reader.read(line.strip())
    return Playlist(reader.segments, reader.starts_at, reader.target_seconds, reader.has_ended)


def head(target_seconds: int, *, is_whole: bool) -> str:
    """The first lines of a recording's playlist."""
    return (
        f"#EXTM3U\n#EXT-X-VERSION:{VERSION}\n#EXT-X-TARGETDURATION:{target_seconds}\n#EXT-X-MEDIA-SEQUENCE:0\n"
        f"#EXT-X-PLAYLIST-TYPE:{'VOD' if is_whole else 'EVENT'}\n#EXT-X-INDEPENDENT-SEGMENTS\n"
    )


def lines(segment: Segment, previous: Segment | None) -> str:
    """A segment's lines behind those of ``previous``; whatever is missing between the two is a discontinuity."""
    follows = previous is None or segment.number == previous.number + 1
    changes = previous is not None and segment.initialization != previous.initialization
    text = "#EXT-X-DISCONTINUITY\n" if previous and (segment.is_discontinuity or not follows or changes) else ""
    if previous is None or changes:
        text += f'#EXT-X-MAP:URI="{segment.initialization}"\n'
    starts_at = segment.starts_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return f"{text}#EXT-X-PROGRAM-DATE-TIME:{starts_at}\n#EXTINF:{segment.seconds:.5f},\n{segment.name}\n"


def whole(segments: Iterable[Segment], target_seconds: int, *, is_whole: bool) -> str:
    """A recording's whole playlist; one that ``is_whole`` says so."""
    text = [head(target_seconds, is_whole=is_whole)]
    previous: Segment | None = None
    for segment in segments:
        text.append(lines(segment, previous))
        previous = segment
    if is_whole:
        text.append(END)
    return "".join(text)
