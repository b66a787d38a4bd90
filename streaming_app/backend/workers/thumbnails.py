"""Keeps a picture of every live stream: the first as soon as there is one, then one each ``thumbnail_interval``."""

import asyncio
import logging
from datetime import timedelta
from pathlib import Path

from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.media.thumbnails import ThumbnailError, make_thumbnail, newest_segment
from streaming_app.backend.periodic import run_periodically
from streaming_app.backend.streams.model import StreamState

log = logging.getLogger(__name__)

PAUSE = timedelta(seconds=1)


async def run(backend: Backend) -> None:
    """Make pictures until cancelled, one at a time."""
    await run_periodically("The thumbnail maker", PAUSE, _Rounds(backend).go)


class _Rounds:
    def __init__(self, backend: Backend) -> None:
        self._streams = backend.streams
        self._data_dir: Path = backend.settings.data_dir
        self._interval_seconds = backend.settings.thumbnail_interval.total_seconds()
        self._due_at: dict[str, float] = {}
        """By stream id, on the loop's clock."""

    async def go(self) -> None:
        live = [b.stream for b in await self._streams.live() if b.stream.state is StreamState.LIVE]
        self._due_at = {stream.stream_id: self._due_at.get(stream.stream_id, 0.0) for stream in live}
        loop = asyncio.get_running_loop()
        for stream in live:
            if loop.time() >= self._due_at[stream.stream_id] and await self._make(stream.channel_id):
                self._due_at[stream.stream_id] = loop.time() + self._interval_seconds

    async def _make(self, channel_id: str) -> bool:
        """Whether there was anything to make a picture of."""
        segment = await asyncio.to_thread(newest_segment, self._data_dir / "hls" / channel_id)
        if segment is None:
            return False
        try:
            await make_thumbnail(segment, self._data_dir / "thumbnails" / f"{channel_id}.jpg")
        except ThumbnailError as failed:
            log.warning("No picture of channel %s this time: %s", channel_id, failed)
        return True
