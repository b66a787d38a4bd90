"""The folder of all recordings, and the one of live video that they are made of."""

import shutil
from contextlib import suppress
from pathlib import Path

from streaming_app.backend.media.ladder import SOURCE
from streaming_app.backend.media.recordings.recording_folder import RecordingFolder


class RecordingStorage:
    """Where everything lies. Every method blocks."""

    def __init__(self, recordings: Path, live: Path, thumbnails: Path) -> None:
        self._recordings = recordings
        self._live = live
        self._thumbnails = thumbnails

    def open(self, recording_id: str) -> RecordingFolder:
        """The recording's folder, made when it is not there."""
        return RecordingFolder(self._recordings / recording_id)

    def live_folder(self, channel_id: str) -> Path:
        """Where the packager keeps the files of a channel that is live."""
        return self._live / channel_id / SOURCE

    def thumbnail(self, channel_id: str) -> Path:
        """The channel's newest picture, if it has one."""
        return self._thumbnails / f"{channel_id}.jpg"

    def free_bytes(self) -> int:
        """Bytes that the disk of recordings still takes."""
        self._recordings.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self._recordings).free

    def remove(self, recording_id: str) -> None:
        """Delete the recording's folder, if it has one."""
        with suppress(FileNotFoundError):
            shutil.rmtree(self._recordings / recording_id)
