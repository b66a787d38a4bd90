"""The media playlist of a recording, ``index.m3u8``: written segment by segment, and read when a recorder starts."""

import re
from collections.abc import Iterable
from datetime import datetime

from streaming_app.backend.media.program_date_time import program_date_time_tag
from streaming_app.backend.media.segment_names import INIT_FILE_NAME
from streaming_app.backend.media.window_snapshot import Segment

VERSION = 7
"""``EXT-X-VERSION``. Fragmented MP4 segments need 6; encoders write 7 for them."""
END = "#EXT-X-ENDLIST\n"

_ENTRY = re.compile(
    r"(?P<discontinuity>#EXT-X-DISCONTINUITY\n)?"
    rf'(?:#EXT-X-MAP:URI="(?P<init_file>{INIT_FILE_NAME.pattern})"\n)?'
    r"#EXT-X-PROGRAM-DATE-TIME:(?P<starts_at>\S+)\n"
    r"#EXTINF:(?P<seconds>[0-9.]+),\n"
    r"(?P<number>\d{1,19})\.m4s\n",
    re.ASCII,
)
"""The lines of one segment, as ``segment_lines`` writes them."""
_TARGET_DURATION = re.compile(r"#EXT-X-TARGETDURATION:(\d+)\n", re.ASCII)


def read_segments(text: str) -> list[Segment]:
    """Return the segments that a recording's playlist lists. Raises ``ValueError`` for an invalid date."""
    segments: list[Segment] = []
    init_file = ""
    for entry in _ENTRY.finditer(text):
        init_file = entry["init_file"] or init_file
        if not init_file:
            continue
        segments.append(
            Segment(
                number=int(entry["number"]),
                seconds=float(entry["seconds"]),
                starts_at=datetime.fromisoformat(entry["starts_at"]),
                init_file=init_file,
                is_discontinuity=bool(entry["discontinuity"]),
            )
        )
    return segments


def read_target_seconds(text: str) -> int:
    """Return the target duration of a recording's playlist; 0 if it has none."""
    found = _TARGET_DURATION.search(text)
    return int(found[1]) if found else 0


def segment_lines(segment: Segment, previous: Segment | None) -> str:
    """Return the lines that list ``segment`` after ``previous``. A gap between the two becomes a discontinuity."""
    follows = previous is None or segment.number == previous.number + 1
    changes = previous is not None and segment.init_file != previous.init_file
    text = "#EXT-X-DISCONTINUITY\n" if previous and (segment.is_discontinuity or not follows or changes) else ""
    if previous is None or changes:
        text += f'#EXT-X-MAP:URI="{segment.init_file}"\n'
    return f"{text}{program_date_time_tag(segment.starts_at)}\n#EXTINF:{segment.seconds:.5f},\n{segment.name}\n"


def playlist_text(segments: Iterable[Segment], target_seconds: int, *, is_finished: bool) -> str:
    """Return the whole playlist: of type VOD with an end if ``is_finished``, otherwise of type EVENT."""
    header = (
        f"#EXTM3U\n#EXT-X-VERSION:{VERSION}\n#EXT-X-TARGETDURATION:{target_seconds}\n#EXT-X-MEDIA-SEQUENCE:0\n"
        f"#EXT-X-PLAYLIST-TYPE:{'VOD' if is_finished else 'EVENT'}\n#EXT-X-INDEPENDENT-SEGMENTS\n"
    )
    entries: list[str] = []
    previous: Segment | None = None
    for segment in segments:
        entries.append(segment_lines(segment, previous))
        previous = segment
    return "".join([header, *entries, END if is_finished else ""])
