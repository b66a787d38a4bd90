"""Recordings as people meet them: watched by everyone, kept in order by their owner."""

from async_lru import alru_cache

from streaming_app.backend.errors import NotFoundError
from streaming_app.backend.media.recordings import policy
from streaming_app.backend.media.recordings.model import Recording, RecordingLibrary, RecordingLimits
from streaming_app.backend.media.recordings.ports import Recordings
from streaming_app.backend.streams.model import Channel
from streaming_app.backend.streams.ports import Channels, Streams

LIST_MAX = 200
"""Of one channel, on one page."""
SHARED_SECONDS = 3.0
"""How long a list that pages share may be old."""
SHARED_MAX = 64


class RecordingService:
    """The use cases of recordings that exist; the recorder makes them."""

    def __init__(self, recordings: Recordings, channels: Channels, streams: Streams, limits: RecordingLimits) -> None:
        self._recordings = recordings
        self._channels = channels
        self._streams = streams
        self._limits = limits
        self._shared = alru_cache(maxsize=SHARED_MAX, ttl=SHARED_SECONDS)(self._watchable_since)

    async def watchable(self, channel_id: str) -> list[Recording]:
        """A channel's recordings with something in them, newest first, without that of the stream that is open."""
        in_progress_id = await self._in_progress_id(channel_id)
        recordings = await self._recordings.of_channel(channel_id, LIST_MAX)
        return [r for r in recordings if r.seconds and r.recording_id != in_progress_id]

    async def watchable_since(self, channel_id: str, stream_id: str) -> tuple[Channel, list[Recording]]:
        """The channel and its ``watchable``, read once for all who ask after the end of the same stream."""
        return await self._shared(channel_id, stream_id)

    async def id_of(self, stream_id: str) -> str:
        """The id of a stream's recording; empty without one, or while there is nothing to watch in it."""
        try:
            recording = await self._recordings.get(stream_id)
        except NotFoundError:
            return ""
        return recording.recording_id if recording.seconds else ""

    async def get(self, slug: str, recording_id: str) -> tuple[Channel, Recording]:
        """The channel called ``slug`` and this recording of it; raises ``NotFoundError``."""
        channel = await self._channels.get_by_slug(slug)
        recording = await self._recordings.get(recording_id)
        if recording.channel_id != channel.channel_id:
            raise NotFoundError("There is no such recording.")
        return channel, recording

    async def find(self, recording_id: str) -> Recording:
        """Raises ``NotFoundError``."""
        return await self._recordings.get(recording_id)

    async def gap_message(self, channel_id: str) -> str:
        """What the owner should know of the recording that is being made; empty when all is well, or there is none."""
        try:
            recording = await self._recordings.get(await self._in_progress_id(channel_id))
        except NotFoundError:
            return ""
        return policy.gap_message(recording.gap_reason)

    async def library(self, user_id: str) -> RecordingLibrary:
        """All recordings of the user's channel, and what they take up; raises ``NotFoundError``."""
        channel = await self._channels.get_by_owner(user_id)
        return RecordingLibrary(
            channel=channel,
            recordings=await self._recordings.of_channel(channel.channel_id, LIST_MAX),
            in_progress_id=await self._in_progress_id(channel.channel_id),
            used=await self._recordings.usage(channel.channel_id),
            limits=self._limits,
        )

    async def delete(self, user_id: str, recording_id: str) -> None:
        """Remove a recording; the recorder then deletes its files.

        Raises ``NotFoundError``, ``ForbiddenError``, or ``ConflictError`` while it is being made.
        """
        recording = await self._recordings.get(recording_id)
        channel = await self._channels.get(recording.channel_id)
        policy.may_delete(user_id, channel, recording, await self._in_progress_id(channel.channel_id))
        await self._recordings.remove(recording_id)

    async def _watchable_since(self, channel_id: str, _stream_id: str) -> tuple[Channel, list[Recording]]:
        return await self._channels.get(channel_id), await self.watchable(channel_id)

    async def _in_progress_id(self, channel_id: str) -> str:
        try:
            latest = await self._streams.latest(channel_id)
        except NotFoundError:
            return ""
        return "" if latest.ended_at else latest.stream_id
