"""Folders that the recorder reads and writes: recordings, live video and thumbnails."""

import shutil
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from streaming_app.backend.media.bitrate_ladder import SOURCE
from streaming_app.backend.media.recordings.recording_folder import POSTER, RecordingFolder
from streaming_app.backend.media.recordings.stored_video import StoredVideo, stored_videos


class RecordingStorage:
    """Finds the recorder's files. Every method blocks."""

    def __init__(self, recordings: Path, live: Path, thumbnails: Path, hidden: Path) -> None:
        self._recordings = recordings
        self._live = live
        self._thumbnails = thumbnails
        self._hidden = hidden

    def open(self, recording_id: str) -> RecordingFolder:
        """Return the recording's folder, created if it does not exist."""
        return RecordingFolder(self._recordings / recording_id)

    def videos(self, recording_id: str) -> list[StoredVideo]:
        """Return the videos of a recording, none if this machine does not have the recording."""
        return stored_videos(self._recordings / recording_id)

    def poster(self, recording_id: str) -> Path:
        """Return the path of the recording's picture. The file may not exist."""
        return self._recordings / recording_id / POSTER

    def live_folder(self, channel_id: str) -> Path:
        """Return the folder in which the packager keeps the source rendition of a live channel."""
        return self._live / channel_id / SOURCE

    def thumbnail(self, channel_id: str) -> Path:
        """Return the path of the channel's newest thumbnail. The file may not exist."""
        return self._thumbnails / f"{channel_id}.jpg"

    def hide(self, hidden_ids: Collection[str]) -> None:
        """Let the front door serve no files of these channels and recordings, and those of all others.

        The front door does not serve the files of an id for which there is an empty file in this folder.
        """
        self._hidden.mkdir(parents=True, exist_ok=True)
        marked = {file.name for file in self._hidden.iterdir()}
        for hidden_id in set(hidden_ids) - marked:
            (self._hidden / hidden_id).touch()
        for shown_id in marked.difference(hidden_ids):
            (self._hidden / shown_id).unlink(missing_ok=True)

    def free_bytes(self) -> int:
        """Return how many bytes are free on the disk of the recordings."""
        self._recordings.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self._recordings).free

    def remove(self, recording_id: str) -> None:
        """Delete the recording's folder, if it exists."""
        with suppress(FileNotFoundError):
            shutil.rmtree(self._recordings / recording_id)
