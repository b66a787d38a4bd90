"""The files of recordings in a backup."""

import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from streaming_app.backend.backups.durable_files import copy_file, link_or_copy
from streaming_app.backend.media.recordings.index_playlist import read_segments
from streaming_app.backend.media.recordings.recording_folder import INDEX, POSTER


def back_up_recordings(source: Path, target: Path, recording_ids: Iterable[str]) -> tuple[int, int]:
    """Add recordings to a backup. Return how many were added, and how many have no files.

    Segments never change and are hard links where possible. A recording that is being made is backed up as it is now.
    """
    added = missing = 0
    for recording_id in recording_ids:
        if _back_up(source / recording_id, target / recording_id):
            added += 1
        else:
            missing += 1
    return added, missing


def _back_up(source: Path, target: Path) -> bool:
    """Back up one recording. Return whether its files exist: users may delete it meanwhile."""
    with suppress(FileNotFoundError):
        target.mkdir(parents=True)
        # The playlist first: the recorder writes a segment to disk before it adds it to the playlist.
        copy_file(source / INDEX, target / INDEX)
        segments = read_segments((target / INDEX).read_text(encoding="utf-8", errors="replace"))
        names = [name for segment in segments for name in (segment.init_file, segment.name)]
        for name in dict.fromkeys([*names, POSTER]):
            with suppress(FileNotFoundError):
                link_or_copy(source / name, target / name)
    if (source / INDEX).exists():
        return True
    shutil.rmtree(target)
    return False
