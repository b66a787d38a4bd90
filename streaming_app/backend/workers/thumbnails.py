"""Makes preview pictures of all live streams: the first as early as possible, then one every ``thumbnail_interval``."""

import asyncio
import logging
from datetime import timedelta
from pathlib import Path

from streaming_app.backend.adapters.live_dir import low_latency_dir_of
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.media.bitrate_ladder import SOURCE
from streaming_app.backend.media.thumbnails import (
    ThumbnailError,
    make_thumbnail,
    newest_keyframes,
    remove_pictures,
    share_picture,
)
from streaming_app.backend.periodic import run_periodically
from streaming_app.backend.streams.model import Stream, StreamState
from streaming_app.backend.streams.urls import preview_file_name

log = logging.getLogger(__name__)

PAUSE = timedelta(seconds=1)


async def run(backend: Backend) -> None:
    """Make pictures until cancelled, one at a time."""
    await run_periodically("The thumbnail maker", PAUSE, _Rounds(backend).go)


class _Rounds:
    def __init__(self, backend: Backend) -> None:
        self._streams = backend.streams
        self._data_dir: Path = backend.settings.data_dir
        self._low_latency_dir = low_latency_dir_of(backend.settings)
        self._folder = self._data_dir / "thumbnails"
        self._interval_seconds = backend.settings.thumbnail_interval.total_seconds()
        self._due_at: dict[str, float] = {}
        """Time of the next picture by stream id, in seconds of the event loop's clock."""

    async def go(self) -> None:
        live = [b.stream for b in await self._streams.live() if b.stream.state is not StreamState.OFFLINE]
        for stream in live:
            if stream.stream_id not in self._due_at:
                await self._begin(stream)
        self._due_at = {stream.stream_id: self._due_at.get(stream.stream_id, 0.0) for stream in live}
        loop = asyncio.get_running_loop()
        for stream in live:
            if loop.time() >= self._due_at[stream.stream_id] and await self._make(stream):
                self._due_at[stream.stream_id] = loop.time() + self._interval_seconds

    async def _begin(self, stream: Stream) -> None:
        """Delete the pictures of the channel's previous stream, unless this process was just restarted."""
        if not (self._folder / preview_file_name(stream)).exists():
            await asyncio.to_thread(remove_pictures, self._folder, stream.channel_id)

    async def _make(self, stream: Stream) -> bool:
        """Make a picture. Return ``False`` if there is no keyframe yet or the stream is not live."""
        low_latency_dir = self._low_latency_dir / stream.channel_id / SOURCE
        plain_dir = self._data_dir / "hls" / stream.channel_id
        keyframes = await asyncio.to_thread(newest_keyframes, low_latency_dir, plain_dir, stream.started_at)
        if not keyframes or stream.state is not StreamState.LIVE:
            return False
        picture = self._folder / preview_file_name(stream)
        why: ThumbnailError | None = None
        for keyframe in keyframes:
            try:
                await make_thumbnail(keyframe, picture)
            except ThumbnailError as failed:
                why = failed
            else:
                await asyncio.to_thread(share_picture, picture, stream.channel_id)
                return True
        log.warning("No preview picture of channel %s: %s", stream.channel_id, why)
        return True
