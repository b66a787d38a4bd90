"""The sliding window of one rendition: its newest segments, the parts of the newest of those, and their files."""

import re
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from streaming_app.backend.media.cutter import Part
from streaming_app.backend.media.program_date_time import ProgramDateTime

TARGET_SECONDS_MIN = 2
"""Target duration (RFC 8216bis, 4.4.3.1) until a segment was longer; it only ever grows."""
PARTS_LISTED_TARGETS = 4
"""For how many target durations parts stay listed: three must (4.4.4.9), one more for those who are late."""
FILES_KEPT_SEGMENTS = 4
"""Files outlive their line in the playlist by so many segments: who has just read the line will ask for them."""
PTS_TOLERANCE_MS = 20
"""Frames of two renditions that are shown so close to each other are the same one: each rounds to milliseconds."""
FIRST_PART_NAME = re.compile(r"(\d+)\.0\.m4s")
"""File name of the part that begins a segment, at a keyframe; the group is the segment's number."""
INITIALIZATION_NAME = re.compile(r"init-(\d+)\.mp4")
"""File name of an initialization segment; the group is the number of the first segment that needs it."""
SEQUENCE_NUMBERS_PER_SECOND = 2
"""Numbers set aside for each second: more than segments ever begin in one."""


DISCONTINUITIES_MAX = 4096
"""Players keep a list with a place for each discontinuity there ever was, so their number starts below this."""


class SegmentFiles(Protocol):
    """Where a rendition's files are served from."""

    def write(self, name: str, data: bytes) -> None:
        """Make it readable as a whole, at once."""
        ...

    def delete(self, name: str) -> None:
        """Nothing when it is gone already."""
        ...


@dataclass(slots=True)
class ListedPart:
    """A part as playlists name it."""

    name: str
    seconds: float
    is_independent: bool
    size: int


@dataclass(slots=True)
class LiveSegment:
    """Parts from one key frame to another. ``name`` is empty while more may come."""

    number: int
    """Its media sequence number."""
    init_file: str
    dates: ProgramDateTime
    source_start_ms: float
    """When its first frame is decoded, on the publisher's clock; in every rendition what the source says."""
    is_discontinuity: bool
    discontinuity_sequence: int
    """How many there have been with this one (4.4.3.3): the same in every rendition."""
    start_ms: float
    pts_ms: float
    """When its first frame is shown, on the publisher's clock."""
    parts: list[ListedPart] = field(default_factory=list[ListedPart])
    seconds: float = 0.0
    size: int = 0
    name: str = ""
    lists_parts: bool = True

    @property
    def starts_at(self) -> float:
        """Unix time of its first frame; the first segments of a period may be dated back."""
        return self.dates.at(self.source_start_ms)

    @property
    def bits_per_second(self) -> float:
        """Of the whole segment so far."""
        return self.size * 8 / self.seconds if self.seconds else 0.0


class LiveWindow:
    """The live window of one rendition.

    Media sequence numbers start from the Unix time at which the window was created, so that they exceed those of an
    earlier packager process.
    """

    def __init__(self, files: SegmentFiles, length_seconds: float, opened_at: float) -> None:
        self._files = files
        self._length_seconds = length_seconds
        self.segments: deque[LiveSegment] = deque()
        """Complete ones, oldest first."""
        self.open_segment: LiveSegment | None = None
        self.target_seconds = TARGET_SECONDS_MIN
        self.has_ended = False
        self._first_number = self._next_number = int(opened_at * SEQUENCE_NUMBERS_PER_SECOND)
        self._init_file = ""
        self._is_discontinuity = False
        self._discontinuity_sequence = int(opened_at) % DISCONTINUITIES_MAX
        self._dates = ProgramDateTime()
        self._open_data: list[bytes] = []
        self._unlisted: deque[LiveSegment] = deque()

    @property
    def newest(self) -> tuple[int, int]:
        """Number of the segment that comes or is under way, and how many parts of it there are."""
        if self.open_segment:
            return self.open_segment.number, len(self.open_segment.parts)
        return self._next_number, 0

    @property
    def next_part_name(self) -> str:
        """What the next part will be called unless it begins a segment."""
        number, parts = self.newest
        return _part_name(number, parts)

    @property
    def part_seconds_max(self) -> float:
        """Of the longest part that is listed."""
        return max(
            (part.seconds for segment in self.listed() if segment.lists_parts for part in segment.parts), default=0.0
        )

    def listed(self) -> Iterator[LiveSegment]:
        """All segments, the one under way last."""
        yield from self.segments
        if self.open_segment:
            yield self.open_segment

    def begin_period(self, init_segment: bytes) -> None:
        """What follows needs this initialization segment, and has a clock of its own."""
        self.close()
        self._init_file = f"init-{self._next_number}.mp4"
        self._files.write(self._init_file, init_segment)
        self._is_discontinuity = self._next_number > self._first_number
        last = self.segments[-1] if self.segments else None
        self._dates = ProgramDateTime(not_before=last.starts_at + last.seconds if last else None)
        self.has_ended = False

    def segment_at_pts(self, pts_ms: float) -> LiveSegment | None:
        """The segment whose first frame is shown then, give or take ``PTS_TOLERANCE_MS``."""
        near = (s for s in reversed([*self.listed()]) if abs(s.pts_ms - pts_ms) <= PTS_TOLERANCE_MS)
        return next(near, None)

    def add(self, part: Part, arrived_at: float, aligned_with: LiveSegment | None = None) -> ListedPart:
        """Write and list a part that has arrived, complete, at this Unix time.

        ``aligned_with`` is the source's segment with the same frames. The part then begins a segment with its numbers.
        """
        if part.begins_segment or aligned_with:
            self.close(part.start_ms)
        if not aligned_with:
            self._dates = self._dates.observe(part.start_ms, part.start_ms + part.duration_ms, arrived_at)
        segment = self.open_segment or self._open(part, aligned_with)
        listed = ListedPart(
            _part_name(segment.number, len(segment.parts)),
            part.duration_ms / 1000,
            part.is_independent,
            len(part.data),
        )
        self._files.write(listed.name, part.data)
        self._open_data.append(part.data)
        segment.parts.append(listed)
        segment.seconds += listed.seconds
        segment.size += listed.size
        return listed

    def close(self, next_start_ms: float | None = None) -> None:
        """The segment under way is complete; what follows it at once, if anything does, tells its true length.

        Raises ``OSError`` when it cannot be written; call ``clear`` then, since no number may be left out.
        """
        segment, data = self._take_open()
        if segment is None:
            return
        if next_start_ms is not None:
            segment.seconds = (next_start_ms - segment.start_ms) / 1000
        name = f"{segment.number}.m4s"
        try:
            self._files.write(name, data)
        except OSError:
            self._delete_parts(segment)
            raise
        segment.name = name
        self.segments.append(segment)
        self.target_seconds = max(self.target_seconds, round_duration(segment.seconds))
        self._slide()

    def end(self) -> None:
        """Nothing follows. The segment under way is left out if it cannot be written."""
        self.has_ended = True
        with suppress(OSError):
            self.close()

    def clear(self) -> None:
        """Delete every file. Nothing is written for it, so it frees space on a full disk."""
        segment, _ = self._take_open()
        if segment:
            self._delete_parts(segment)
        while self.segments:
            self._unlist(self.segments.popleft())
        while self._unlisted:
            self._forget(self._unlisted.popleft())
        if self._init_file:
            self._files.delete(self._init_file)

    def _take_open(self) -> tuple[LiveSegment | None, bytes]:
        """The segment under way, which is nobody's from now on, and its bytes."""
        segment, data = self.open_segment, b"".join(self._open_data)
        self.open_segment = None
        self._open_data.clear()
        return segment, data

    def _delete_parts(self, segment: LiveSegment) -> None:
        for part in segment.parts:
            self._files.delete(part.name)

    def _open(self, part: Part, source: LiveSegment | None) -> LiveSegment:
        self._discontinuity_sequence += self._is_discontinuity
        self.open_segment = LiveSegment(
            number=source.number if source else self._next_number,
            init_file=self._init_file,
            dates=source.dates if source else self._dates,
            source_start_ms=source.source_start_ms if source else part.start_ms,
            is_discontinuity=self._is_discontinuity,
            discontinuity_sequence=source.discontinuity_sequence if source else self._discontinuity_sequence,
            start_ms=part.start_ms,
            pts_ms=part.pts_ms,
        )
        self._next_number = self.open_segment.number + 1
        self._is_discontinuity = False
        return self.open_segment

    def _slide(self) -> None:
        shown_seconds = 0.0
        for segment in reversed(self.segments):
            if shown_seconds > PARTS_LISTED_TARGETS * self.target_seconds:
                if not segment.lists_parts:
                    break
                segment.lists_parts = False
                self._delete_parts(segment)
            shown_seconds += segment.seconds
        total = sum(segment.seconds for segment in self.segments)
        while total - self.segments[0].seconds >= self._length_seconds:
            total -= self.segments[0].seconds
            self._unlist(self.segments.popleft())
        while len(self._unlisted) > FILES_KEPT_SEGMENTS:
            self._forget(self._unlisted.popleft())

    def _unlist(self, segment: LiveSegment) -> None:
        self._unlisted.append(segment)

    def _forget(self, segment: LiveSegment) -> None:
        self._files.delete(segment.name)
        if segment.lists_parts:
            self._delete_parts(segment)
        following = self._unlisted[0] if self._unlisted else next(self.listed(), None)
        if segment.init_file not in {self._init_file, following.init_file if following else ""}:
            self._files.delete(segment.init_file)


def round_duration(seconds: float) -> int:
    """To the nearest whole number, as target durations compare with segments (RFC 8216bis, 4.4.3.1): a half is one."""
    return int(round(seconds, 5) + 0.5)


def _part_name(number: int, index: int) -> str:
    return f"{number}.{index}.m4s"
