"""Files of live streams on the ingest's disk."""

import asyncio
import shutil

from streaming_app.backend.adapters.live_dir import low_latency_dir_of
from streaming_app.backend.config import Settings
from streaming_app.backend.media.thumbnails import remove_pictures


class DiskAccountFiles:
    """Deletes the live video and the preview pictures of channels."""

    def __init__(self, settings: Settings) -> None:
        data_dir = settings.data_dir.resolve()
        self._video = (data_dir / "hls", low_latency_dir_of(settings))
        self._pictures = data_dir / "thumbnails"

    async def remove(self, channel_id: str) -> None:
        """Delete the video and the pictures of a channel's live streams."""
        await asyncio.to_thread(self._remove, channel_id)

    def _remove(self, channel_id: str) -> None:
        for folder in self._video:
            shutil.rmtree(folder / channel_id, ignore_errors=True)
        remove_pictures(self._pictures, channel_id)
