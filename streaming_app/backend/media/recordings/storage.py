"""Folders that the recorder reads and writes: recordings, live video and thumbnails."""

import shutil
from contextlib import suppress
from pathlib import Path

from streaming_app.backend.media.bitrate_ladder import SOURCE
from streaming_app.backend.media.recordings.recording_folder import RecordingFolder


class RecordingStorage:
    """Finds the recorder's files. Every method blocks."""

    def __init__(self, recordings: Path, live: Path, thumbnails: Path) -> None:
        self._recordings = recordings
        self._live = live
        self._thumbnails = thumbnails

    def open(self, recording_id: str) -> RecordingFolder:
        """Return the recording's folder, created if it does not exist."""
        return RecordingFolder(self._recordings / recording_id)

    def live_folder(self, channel_id: str) -> Path:
        """Return the folder in which the packager keeps the source rendition of a live channel."""
        return self._live / channel_id / SOURCE

    def thumbnail(self, channel_id: str) -> Path:
        """Return the path of the channel's newest thumbnail. The file may not exist."""
        return self._thumbnails / f"{channel_id}.jpg"

    def free_bytes(self) -> int:
        """Return how many bytes are free on the disk of the recordings."""
        self._recordings.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self._recordings).free

    def remove(self, recording_id: str) -> None:
        """Delete the recording's folder, if it exists."""
        with suppress(FileNotFoundError):
            shutil.rmtree(self._recordings / recording_id)
