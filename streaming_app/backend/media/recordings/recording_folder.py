"""The folder of a recording: its segments, and the playlist ``index.m3u8`` that lists them.

A segment is on disk before the playlist lists it. Its lines are appended in one write: rewriting the playlist for each
segment of a long stream would write more data than the video has. Lines that were only partly written when the machine
lost power are cut off when the recorder starts again.
"""

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from streaming_app.backend.disk_sync import sync
from streaming_app.backend.media.live_window import round_duration
from streaming_app.backend.media.recordings import index_playlist
from streaming_app.backend.media.window_snapshot import Segment

INDEX = "index.m3u8"
POSTER = "poster.jpg"
_TEMPORARY_SUFFIX = ".unfinished"
_ENTRY_END = ".m4s\n"
"""End of a segment's lines. Nothing before the last one in the playlist can be torn."""


class RecordingFolder:
    """Adds segments to a recording. Continues with what is in the folder. Every method blocks."""

    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self.seconds = 0.0
        """Duration of all segments."""
        self.size = 0
        """Bytes of all segments, initialization segments included."""
        self._path = path
        self._index = path / INDEX
        self._target_seconds = 0
        self._last: Segment | None = None
        self._is_finished = False
        self._init_files: set[str] = set()
        self._index_bytes = 0
        if self._index.exists():
            self._resume()

    @property
    def last_number(self) -> int:
        """Number of the last segment; -1 without segments."""
        return self._last.number if self._last else -1

    @property
    def ends_at(self) -> datetime | None:
        """Program date and time at which the last segment ends; ``None`` without segments."""
        return self._last.starts_at + timedelta(seconds=self._last.seconds) if self._last else None

    def append(self, segments: Sequence[Segment], source: Path) -> None:
        """Add segments whose files are in the folder ``source``, in order. Segments without files are left out."""
        for segment in segments:
            if not self._is_finished and segment.number > self.last_number:
                with suppress(FileNotFoundError):
                    self._append(segment, source)

    def take_poster(self, picture: Path, since: datetime) -> bool:
        """Copy the picture as the recording's poster. Return whether there is one that was made after ``since``."""
        try:
            if picture.stat().st_mtime < since.timestamp():
                return False
            _copy(picture, self._path / POSTER)
        except FileNotFoundError:
            return False
        return True

    def finish(self) -> None:
        """End the playlist, and delete files that it does not list."""
        if self._last is None or self._is_finished:
            return
        segments = index_playlist.read_segments(self._index.read_text(encoding="utf-8"))
        self._rewrite_index(segments, is_finished=True)
        self._is_finished = True
        listed = {INDEX, POSTER, *(s.name for s in segments), *(s.init_file for s in segments)}
        for file in self._path.iterdir():
            if file.name not in listed:
                file.unlink()

    def _resume(self) -> None:
        text = self._index.read_text(encoding="utf-8", errors="replace")
        self._is_finished = text.endswith(index_playlist.END)
        if not self._is_finished:
            text = text[: text.rfind(_ENTRY_END) + len(_ENTRY_END)] if _ENTRY_END in text else ""
            os.truncate(self._index, len(text))
        segments = index_playlist.read_segments(text)
        self._index_bytes = len(text)
        self._target_seconds = index_playlist.read_target_seconds(text)
        self._last = segments[-1] if segments else None
        self._init_files = {segment.init_file for segment in segments}
        self.seconds = sum(segment.seconds for segment in segments)
        names = [segment.name for segment in segments]
        self.size = sum((self._path / name).stat().st_size for name in [*names, *self._init_files])

    def _append(self, segment: Segment, source: Path) -> None:
        if segment.init_file not in self._init_files:
            self.size += _link_or_copy(source / segment.init_file, self._path / segment.init_file)
            self._init_files.add(segment.init_file)
        size = _link_or_copy(source / segment.name, self._path / segment.name)
        sync(self._path)
        self._add_to_index(segment)
        self._last = segment
        self.size += size
        self.seconds += segment.seconds

    def _add_to_index(self, segment: Segment) -> None:
        if self._last and round_duration(segment.seconds) <= self._target_seconds:
            self._append_to_index(index_playlist.segment_lines(segment, self._last))
            return
        self._target_seconds = max(self._target_seconds, round_duration(segment.seconds), 1)
        before = index_playlist.read_segments(self._index.read_text(encoding="utf-8")) if self._last else ()
        self._rewrite_index([*before, segment], is_finished=False)

    def _append_to_index(self, lines: str) -> None:
        data = lines.encode()
        try:
            with self._index.open("ab") as index:
                index.write(data)
                index.flush()
                os.fsync(index.fileno())
        except OSError:
            os.truncate(self._index, self._index_bytes)  # a full disk may have taken only part of the data
            raise
        self._index_bytes += len(data)

    def _rewrite_index(self, segments: Sequence[Segment], *, is_finished: bool) -> None:
        data = index_playlist.playlist_text(segments, self._target_seconds, is_finished=is_finished).encode()
        temporary = self._path / (INDEX + _TEMPORARY_SUFFIX)
        temporary.write_bytes(data)
        sync(temporary)
        temporary.replace(self._index)
        sync(self._path)
        self._index_bytes = len(data)


def _link_or_copy(source: Path, target: Path) -> int:
    """Make ``source`` available as ``target``, by a hard link where possible. Return the size in bytes."""
    target.unlink(missing_ok=True)  # left over from an interrupted run
    try:
        target.hardlink_to(source)
    except FileNotFoundError:
        raise
    except OSError:  # another file system, or one without links
        _copy(source, target)
    else:
        sync(target)
    return target.stat().st_size


def _copy(source: Path, target: Path) -> None:
    temporary = target.with_name(target.name + _TEMPORARY_SUFFIX)
    try:
        shutil.copyfile(source, temporary)
        sync(temporary)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    temporary.replace(target)
