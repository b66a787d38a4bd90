"""The files of recordings in a backup."""

import logging
import re
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from streaming_app.backend.backups.durable_files import copy_file, link_or_copy
from streaming_app.backend.media.recordings.index_playlist import read_segments
from streaming_app.backend.media.recordings.recording_folder import INDEX, POSTER
from streaming_app.backend.media.segment_names import INIT_FILE_NAME

log = logging.getLogger(__name__)

_MEDIA_FILE_NAME = re.compile(rf"[0-9]{{1,19}}\.m4s|{INIT_FILE_NAME.pattern}")


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
        for name in [*_media_files(source, (target / INDEX).read_text(encoding="utf-8", errors="replace")), POSTER]:
            with suppress(FileNotFoundError):
                link_or_copy(source / name, target / name)
    if (source / INDEX).exists():
        return True
    shutil.rmtree(target)
    return False


def _media_files(source: Path, playlist: str) -> list[str]:
    """Return the names of the files that the playlist lists, or of all media files if it is damaged."""
    try:
        segments = read_segments(playlist)
    except ValueError as invalid:
        log.warning("The playlist of the recording %s is damaged (%s): all its files are kept", source.name, invalid)
        return sorted(file.name for file in source.iterdir() if _MEDIA_FILE_NAME.fullmatch(file.name))
    return list(dict.fromkeys(name for segment in segments for name in (segment.init_file, segment.name)))
