"""The live window of one rendition: its newest segments, the parts of the most recent ones, and their files."""

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import Protocol

from streaming_app.backend.media.cutter import PartialSegment
from streaming_app.backend.media.live_segment import ListedPart, LiveSegment
from streaming_app.backend.media.program_date_time import ProgramDateTime
from streaming_app.backend.media.segment_names import init_file_name, part_file_name, segment_file_name
from streaming_app.backend.media.window_snapshot import WindowSnapshot

TARGET_SECONDS_MIN = 2
"""Target duration (RFC 8216bis, 4.4.3.1) until a segment is longer. The target duration never decreases."""
PARTS_LISTED_TARGETS = 4
"""Number of target durations for which parts stay listed. The specification requires three (4.4.4.9); the fourth is for
players that are late."""
FILES_KEPT_SEGMENTS = 4
"""Number of segments whose files are kept after they left the playlist, for players that have just read it."""
PTS_TOLERANCE_MS = 20
"""Frames of two renditions whose presentation times differ by no more than this are the same frame: each rendition
rounds to milliseconds."""
SEQUENCE_NUMBERS_PER_SECOND = 2
"""Media sequence numbers reserved for each second of Unix time. No stream begins more segments than that."""
DISCONTINUITIES_MAX = 4096
"""The discontinuity sequence number starts below this, because players keep a list with an entry for each number."""


class SegmentFiles(Protocol):
    """Storage for the files of one rendition, from which nginx serves them."""

    def write(self, name: str, data: bytes) -> None:
        """Write a file atomically. Raises ``OSError``."""
        ...

    def delete(self, name: str) -> None:
        """Delete a file, if it exists."""
        ...


class LiveWindow:
    """The newest segments of one rendition, up to ``length_seconds``.

    Media sequence numbers start from ``opened_at``, the Unix time at which the window was created, so that they exceed
    those of an earlier packager process.
    """

    def __init__(self, files: SegmentFiles, length_seconds: float, opened_at: float) -> None:
        self._files = files
        self.length_seconds = length_seconds
        self.segments: deque[LiveSegment] = deque()
        """Complete segments, oldest first."""
        self.open_segment: LiveSegment | None = None
        """The unfinished segment, to which parts are added."""
        self.target_seconds = TARGET_SECONDS_MIN
        self.has_ended = False
        self._first_number = self._next_number = int(opened_at * SEQUENCE_NUMBERS_PER_SECOND)
        self._init_file = ""
        self._is_discontinuity = False
        self._discontinuity_sequence = int(opened_at) % DISCONTINUITIES_MAX
        self._program_date_time = ProgramDateTime()
        self._open_data: list[bytes] = []
        self._unlisted: deque[LiveSegment] = deque()

    @property
    def newest(self) -> tuple[int, int]:
        """Number of the unfinished segment, or of the next one, and how many parts it has."""
        if self.open_segment:
            return self.open_segment.number, len(self.open_segment.parts)
        return self._next_number, 0

    @property
    def seconds(self) -> float:
        """Duration of all segments."""
        return sum(segment.seconds for segment in self.listed())

    @property
    def next_part_name(self) -> str:
        """File name of the next part, unless that part begins a segment."""
        return part_file_name(*self.newest)

    @property
    def part_seconds_max(self) -> float:
        """Duration of the longest listed part."""
        return max(
            (part.seconds for segment in self.listed() if segment.lists_parts for part in segment.parts), default=0.0
        )

    def listed(self) -> Iterator[LiveSegment]:
        """Yield all segments, oldest first, the unfinished one last."""
        yield from self.segments
        if self.open_segment:
            yield self.open_segment

    def snapshot(self) -> WindowSnapshot:
        """Return the complete segments and the start of the unfinished one."""
        return WindowSnapshot(
            segments=tuple(segment.completed() for segment in self.segments),
            open_since=self.open_segment.starts_at_utc if self.open_segment else None,
        )

    def segment_at_pts(self, pts_ms: float) -> LiveSegment | None:
        """Return the newest segment whose first frame has this presentation time, within ``PTS_TOLERANCE_MS``."""
        near = (s for s in reversed([*self.listed()]) if abs(s.pts_ms - pts_ms) <= PTS_TOLERANCE_MS)
        return next(near, None)

    def begin_period(self, init_segment: bytes) -> None:
        """Complete the unfinished segment. Later parts need this initialization segment and have a new clock."""
        self.close()
        self._init_file = init_file_name(self._next_number)
        self._files.write(self._init_file, init_segment)
        self._is_discontinuity = self._next_number > self._first_number
        last = self.segments[-1] if self.segments else None
        self._program_date_time = ProgramDateTime(not_before=last.starts_at + last.seconds if last else None)
        self.has_ended = False

    def add(self, part: PartialSegment, arrived_at: float, aligned_with: LiveSegment | None = None) -> ListedPart:
        """Write and list a part whose last frame arrived at the Unix time ``arrived_at``.

        ``aligned_with`` is the source's segment with the same frames. The part then begins a segment with its numbers.
        """
        if part.begins_segment or aligned_with:
            self.close(part.start_ms)
        if not aligned_with:
            end_ms = part.start_ms + part.duration_ms
            self._program_date_time = self._program_date_time.observe(part.start_ms, end_ms, arrived_at)
        segment = self.open_segment or self._open(part, aligned_with)
        listed = ListedPart(
            part_file_name(segment.number, len(segment.parts)),
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
        """Complete the unfinished segment, whose duration ends at ``next_start_ms`` if another part follows at once.

        Raises ``OSError`` when it cannot be written. Call ``clear`` then, because no sequence number may be left out.
        """
        segment, data = self._take_open()
        if segment is None:
            return
        if next_start_ms is not None:
            segment.seconds = (next_start_ms - segment.start_ms) / 1000
        name = segment_file_name(segment.number)
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
        """Mark the playlist as ended. An unfinished segment that cannot be written is left out."""
        self.has_ended = True
        with suppress(OSError):
            self.close()

    def clear(self) -> None:
        """Delete every file without writing any, so that space is freed on a full disk."""
        segment, _ = self._take_open()
        if segment:
            self._delete_parts(segment)
        while self.segments:
            self._unlisted.append(self.segments.popleft())
        while self._unlisted:
            self._delete_files(self._unlisted.popleft())
        if self._init_file:
            self._files.delete(self._init_file)

    def _take_open(self) -> tuple[LiveSegment | None, bytes]:
        """Return the unfinished segment and its data, and leave none."""
        segment, data = self.open_segment, b"".join(self._open_data)
        self.open_segment = None
        self._open_data.clear()
        return segment, data

    def _open(self, part: PartialSegment, source: LiveSegment | None) -> LiveSegment:
        self._discontinuity_sequence += self._is_discontinuity
        self.open_segment = LiveSegment(
            number=source.number if source else self._next_number,
            init_file=self._init_file,
            program_date_time=source.program_date_time if source else self._program_date_time,
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
        """Unlist parts and segments that have become too old, and delete files that are no longer needed."""
        newer_seconds = 0.0
        for segment in reversed(self.segments):
            if newer_seconds > PARTS_LISTED_TARGETS * self.target_seconds:
                if not segment.lists_parts:
                    break
                segment.lists_parts = False
                self._delete_parts(segment)
            newer_seconds += segment.seconds
        total = sum(segment.seconds for segment in self.segments)
        while total - self.segments[0].seconds >= self.length_seconds:
            total -= self.segments[0].seconds
            self._unlisted.append(self.segments.popleft())
        while len(self._unlisted) > FILES_KEPT_SEGMENTS:
            self._delete_files(self._unlisted.popleft())

    def _delete_parts(self, segment: LiveSegment) -> None:
        for part in segment.parts:
            self._files.delete(part.name)

    def _delete_files(self, segment: LiveSegment) -> None:
        """Delete the files of a segment, its initialization segment included if no other segment needs that."""
        self._files.delete(segment.name)
        if segment.lists_parts:
            self._delete_parts(segment)
        following = self._unlisted[0] if self._unlisted else next(self.listed(), None)
        if segment.init_file not in {self._init_file, following.init_file if following else ""}:
            self._files.delete(segment.init_file)


def round_duration(seconds: float) -> int:
    """Round a duration to whole seconds, halves up, as target durations are compared (RFC 8216bis, 4.4.3.1)."""
    return int(round(seconds, 5) + 0.5)
