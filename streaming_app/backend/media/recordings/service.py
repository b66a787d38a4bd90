"""Use cases of recordings: watching, for everyone, and managing, for the channel's owner and the staff."""

from datetime import datetime

from async_lru import alru_cache

from streaming_app.backend.accounts.audit_log import AuditAction, AuditLog, Party
from streaming_app.backend.accounts.ports import Users
from streaming_app.backend.accounts.staff import Staff, must_outrank
from streaming_app.backend.errors import NotFoundError
from streaming_app.backend.media.recordings import policy
from streaming_app.backend.media.recordings.model import Recording, RecordingLibrary, RecordingLimits
from streaming_app.backend.media.recordings.ports import Recordings
from streaming_app.backend.streams.model import Channel
from streaming_app.backend.streams.ports import Channels, Streams
from streaming_app.backend.text_cleaning import visible_line

LIST_MAX = 200
"""Recordings of one channel on a page."""
SHARED_SECONDS = 3.0
"""Maximum age of a list that is shared between pages."""
SHARED_MAX = 64


class RecordingService:
    """Lists, finds and removes recordings. The recorder creates them.

    Only the owner of a channel finds its recordings while that owner is suspended.
    """

    def __init__(
        self,
        recordings: Recordings,
        users: Users,
        channels: Channels,
        streams: Streams,
        limits: RecordingLimits,
        audit_log: AuditLog,
    ) -> None:
        self._recordings = recordings
        self._users = users
        self._channels = channels
        self._streams = streams
        self._limits = limits
        self._audit_log = audit_log
        self._shared = alru_cache(maxsize=SHARED_MAX, ttl=SHARED_SECONDS)(self._watchable_since)

    async def watchable(self, channel_id: str, in_progress_id: str | None = None) -> list[Recording]:
        """Return a channel's recordings that can be watched, newest first, without that of the current stream.

        ``in_progress_id`` is the id of the current stream, empty if there is none; by default it is read.
        """
        if in_progress_id is None:
            in_progress_id = await self._in_progress_id(channel_id)
        recordings = await self.list_by_channel(channel_id, LIST_MAX)
        return [r for r in recordings if r.seconds and r.recording_id != in_progress_id]

    async def list_by_channel(
        self, channel_id: str, limit: int, before: tuple[datetime, str] | None = None
    ) -> list[Recording]:
        """Return the newest ``limit`` recordings of a channel that viewers find, also unfinished ones."""
        return await self._recordings.shown_of_channel(channel_id, limit, before)

    async def watchable_since(self, channel_id: str, ended_at: str) -> tuple[Channel, list[Recording]]:
        """Return the channel and its ``watchable`` recordings.

        They are read once for all pages that saw a stream end at ``ended_at``, an instant of any form.
        """
        return await self._shared(channel_id, ended_at)

    async def id_of(self, stream_id: str) -> str:
        """Return the id of a stream's recording; empty if there is none, or if it has no video yet."""
        try:
            recording = await self.find(stream_id)
        except NotFoundError:
            return ""
        return recording.recording_id if recording.seconds else ""

    async def get(self, slug: str, recording_id: str) -> tuple[Channel, Recording]:
        """Return a channel and one of its recordings. Raises ``NotFoundError``."""
        channel = await self._channels.get_by_slug(slug)
        recording = await self.find(recording_id)
        if recording.channel_id != channel.channel_id:
            raise NotFoundError("There is no such recording.")
        return channel, recording

    async def find(self, recording_id: str) -> Recording:
        """Return a recording. Raises ``NotFoundError``, also if its channel is hidden, or its owner suspended."""
        recording = await self._recordings.get(recording_id)
        if not await self._is_shown(recording.channel_id):
            raise NotFoundError("There is no such recording.")
        return recording

    async def gap_message(self, channel_id: str) -> str:
        """Return why parts of the current stream are missing from its recording; empty if none are."""
        try:
            recording = await self._recordings.get(await self._in_progress_id(channel_id))
        except NotFoundError:
            return ""
        return policy.gap_message(recording.gap_reason)

    async def library(self, user_id: str) -> RecordingLibrary:
        """Return all recordings of the user's channel and the storage they use. Raises ``NotFoundError``."""
        channel = await self._channels.get_by_owner(user_id)
        return RecordingLibrary(
            channel=channel,
            recordings=await self._recordings.of_channel(channel.channel_id, LIST_MAX),
            in_progress_id=await self._in_progress_id(channel.channel_id),
            used=await self._recordings.usage(channel.channel_id),
            limits=self._limits,
        )

    async def delete(self, user_id: str, recording_id: str) -> None:
        """Remove a recording. The recorder then deletes its files.

        Raises ``NotFoundError``, ``ForbiddenError``, or ``ConflictError`` while the recording is being made.
        """
        recording = await self._recordings.get(recording_id)
        channel = await self._channels.get(recording.channel_id)
        policy.may_delete(user_id, channel, recording, await self._in_progress_id(channel.channel_id))
        await self._recordings.remove(recording_id)

    async def all_of(self, actor: Staff, channel_id: str) -> list[Recording]:  # noqa: ARG002 - proves the right to read
        """Return the newest recordings of a channel, newest first, also of one that viewers do not find."""
        return await self._recordings.of_channel(channel_id, LIST_MAX)

    async def take_down(self, actor: Staff, recording_id: str, reason: str) -> Recording:
        """Remove a recording of a channel whose owner has a lower rank. The recorder then deletes its files.

        Raises ``NotFoundError``, ``ForbiddenError``, or ``ConflictError`` while the recording is being made.
        """
        recording = await self._recordings.get(recording_id)
        channel = await self._channels.get(recording.channel_id)
        must_outrank(actor, await self._users.get(channel.owner_id))
        policy.must_be_finished(recording, await self._in_progress_id(channel.channel_id))
        target, details = Party(channel.name, channel.owner_id), f"{recording.title}: {visible_line(reason)}"
        await self._audit_log.record(AuditAction.RECORDING_REMOVED, actor.party, target, details)
        await self._recordings.remove(recording_id)
        return recording

    async def _watchable_since(self, channel_id: str, _ended_at: str) -> tuple[Channel, list[Recording]]:
        return await self._channels.get(channel_id), await self.watchable(channel_id)

    async def _is_shown(self, channel_id: str) -> bool:
        """Whether others than the owner find the recordings of the channel."""
        try:
            channel = await self._channels.get(channel_id)
            return not (await self._users.get(channel.owner_id)).banned
        except NotFoundError:
            return False

    async def _in_progress_id(self, channel_id: str) -> str:
        try:
            latest = await self._streams.latest(channel_id)
        except NotFoundError:
            return ""
        return "" if latest.ended_at else latest.stream_id
