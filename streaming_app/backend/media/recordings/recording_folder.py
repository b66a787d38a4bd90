"""A recording's folder: its segments, and the ``index.m3u8`` that lists them and grows with them.

What the index lists is on disk before its line is. A line is appended in one write: an index rewritten for every
segment would, over a long stream, cost more than the video. A line that a power cut tore is cut off at the next start.
"""

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from streaming_app.backend.media.live_window import round_duration
from streaming_app.backend.media.recordings import hls
from streaming_app.backend.media.recordings.hls import Segment

INDEX = "index.m3u8"
POSTER = "poster.jpg"
_TEMPORARY_SUFFIX = ".unfinished"
_LINE_END = ".m4s\n"
"""Behind this the index is intact, and nothing of what a line that was torn begins with."""


class RecordingFolder:
    """Goes on from what is on disk."""

    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self.seconds = 0.0
        self.size = 0
        self._path = path
        self._index = path / INDEX
        self._target_seconds = 0
        self._last: Segment | None = None
        self._is_finished = False
        self._initializations: set[str] = set()
        self._length = 0
        if self._index.exists():
            self._resume()

    @property
    def last_number(self) -> int:
        """Of the last segment in it; -1 while there is none."""
        return self._last.number if self._last else -1

    @property
    def ends_at(self) -> datetime | None:
        """When its last segment ended; ``None`` while there is none."""
        return self._last.starts_at + timedelta(seconds=self._last.seconds) if self._last else None

    def append(self, segments: Sequence[Segment], source: Path) -> None:
        """Keep segments from the folder ``source``, in order; those that are not there any more are passed over."""
        for segment in segments:
            if not self._is_finished and segment.number > self.last_number:
                with suppress(FileNotFoundError):
                    self._append(segment, source)

    def take_poster(self, picture: Path, since: datetime) -> bool:
        """Whether there was a picture to take, made after ``since``."""
        try:
            if picture.stat().st_mtime < since.timestamp():
                return False
            _copy(picture, self._path / POSTER)
        except FileNotFoundError:
            return False
        return True

    def finish(self) -> None:
        """Say in the index that this is all, and delete what it does not list."""
        if self._last is None or self._is_finished:
            return
        segments = hls.parse(self._index.read_text(encoding="utf-8")).segments
        self._rewrite_index(segments, is_whole=True)
        self._is_finished = True
        listed = {INDEX, POSTER, *(s.name for s in segments), *(s.initialization for s in segments)}
        for file in self._path.iterdir():
            if file.name not in listed:
                file.unlink()

    def _resume(self) -> None:
        text = self._index.read_text(encoding="utf-8", errors="replace")
        self._is_finished = text.endswith(hls.END)
        if not self._is_finished:
            text = text[: text.rfind(_LINE_END) + len(_LINE_END)] if _LINE_END in text else ""
            os.truncate(self._index, len(text))
        playlist = hls.parse(text)
        self._length = len(text)
        self._target_seconds = playlist.target_seconds
        self._last = playlist.segments[-1] if playlist.segments else None
        self._initializations = {segment.initialization for segment in playlist.segments}
        self.seconds = sum(segment.seconds for segment in playlist.segments)
        names = [segment.name for segment in playlist.segments]
        self.size = sum((self._path / name).stat().st_size for name in [*names, *self._initializations])

    def _append(self, segment: Segment, source: Path) -> None:
        if segment.initialization not in self._initializations:
            self.size += _link_or_copy(source / segment.initialization, self._path / segment.initialization)
            self._initializations.add(segment.initialization)
        size = _link_or_copy(source / segment.name, self._path / segment.name)
        _fsync(self._path)
        self._add_to_index(segment)
        self._last = segment
        self.size += size
        self.seconds += segment.seconds

    def _add_to_index(self, segment: Segment) -> None:
        if self._last and round_duration(segment.seconds) <= self._target_seconds:
            self._append_to_index(hls.lines(segment, self._last))
            return
        self._target_seconds = max(self._target_seconds, round_duration(segment.seconds), 1)
        before = hls.parse(self._index.read_text(encoding="utf-8")).segments if self._last else ()
        self._rewrite_index([*before, segment], is_whole=False)

    def _append_to_index(self, lines: str) -> None:
        data = lines.encode()
        try:
            with self._index.open("ab") as index:
                index.write(data)
                index.flush()
                os.fsync(index.fileno())
        except OSError:
            os.truncate(self._index, self._length)  # a full disk may have taken a part of it
            raise
        self._length += len(data)

    def _rewrite_index(self, segments: Sequence[Segment], *, is_whole: bool) -> None:
        data = hls.whole(segments, self._target_seconds, is_whole=is_whole).encode()
        temporary = self._path / (INDEX + _TEMPORARY_SUFFIX)
        _write(temporary, data)
        temporary.replace(self._index)
        _fsync(self._path)
        self._length = len(data)


def _link_or_copy(source: Path, target: Path) -> int:
    """Have the file ``source`` as ``target`` too, on disk, without a copy where that is possible; its size."""
    target.unlink(missing_ok=True)  # of a round that was interrupted
    try:
        target.hardlink_to(source)
    except FileNotFoundError:
        raise
    except OSError:  # another file system, or one without links
        _copy(source, target)
    else:
        _fsync(target)
    return target.stat().st_size


def _copy(source: Path, target: Path) -> None:
    temporary = target.with_name(target.name + _TEMPORARY_SUFFIX)
    try:
        shutil.copyfile(source, temporary)
        _fsync(temporary)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    temporary.replace(target)


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    _fsync(path)


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
