"""Manages the custom emotes of a channel."""

import json
from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

from streaming_app.backend.bus import Bus
from streaming_app.backend.chat import emote_policy as policy
from streaming_app.backend.chat.members import ChannelMember, MembershipService
from streaming_app.backend.chat.model import Emote, ModerationAction
from streaming_app.backend.chat.moderation_log import ModerationLogService
from streaming_app.backend.chat.ports import Emotes, Pictures
from streaming_app.backend.events import ChatEmotesChanged
from streaming_app.backend.rate_limit import RateLimit
from streaming_app.backend.streams.ports import Channels


class EmoteService:
    """Adds, removes and reads emotes. Only the owner of a channel and admins may change them."""

    def __init__(
        self,
        members: MembershipService,
        channels: Channels,
        emotes: Emotes,
        pictures: Pictures,
        rate_limit: RateLimit,
        moderation_log: ModerationLogService,
        bus: Bus,
        now: Callable[[], datetime],
    ) -> None:
        self._members = members
        self._channels = channels
        self._emotes = emotes
        self._pictures = pictures
        self._rate_limit = rate_limit
        self._moderation_log = moderation_log
        self._bus = bus
        self._now = now

    async def of(self, channel_id: str) -> list[Emote]:
        """Return the emotes of a channel, sorted by name. Raises ``NotFoundError`` if the channel does not exist."""
        await self._channels.get(channel_id)
        return await self._emotes.of(channel_id)

    async def picture(self, channel_id: str, emote_id: str) -> tuple[str, bytes]:
        """Return the media type and the content of a picture. Raises ``NotFoundError``, also for a hidden channel."""
        await self._channels.get(channel_id)
        return await self._emotes.picture(channel_id, emote_id)

    async def add(self, channel_id: str, user_id: str, name: str, upload: bytes) -> Emote:
        """Create an emote from the picture file ``upload``.

        Every attempt counts for the rate limit.
        Raises ``ForbiddenError``, ``InvalidError`` for ``name``, ``picture`` or both, ``TakenError``, ``ConflictError``
        if the channel has too many emotes, ``RateLimitedError`` or ``NotFoundError``.
        """
        await self._rate_limit.spend(user_id)
        await self._manager(channel_id, user_id)
        name = policy.clean_name_and_check_upload(name, upload)
        policy.may_add_emote(len(await self._emotes.of(channel_id)))
        picture = await self._pictures.emote(upload)
        emote = Emote(
            uuid4().hex, channel_id, name, picture.media_type, picture.width, picture.height, added_at=self._now()
        )
        await self._emotes.add(emote, picture.content)
        await self._bus.announce(ChatEmotesChanged(at=emote.added_at, channel_id=channel_id))
        return emote

    async def remove(self, channel_id: str, user_id: str, emote_id: str) -> None:
        """Remove an emote, if it exists. Raises ``ForbiddenError`` or ``NotFoundError``."""
        manager = await self._manager(channel_id, user_id)
        emote = next((emote for emote in await self._emotes.of(channel_id) if emote.emote_id == emote_id), None)
        entry = await self._moderation_log.find_pending(
            manager, ModerationAction.REMOVE_EMOTE, lambda e: e.undo_data == json.dumps(emote_id)
        )
        if emote and not entry:
            entry = await self._moderation_log.begin(
                manager, ModerationAction.REMOVE_EMOTE, detail=emote.code, undo_data=emote_id
            )
            if not await self._emotes.remove(channel_id, emote_id):
                await self._moderation_log.withdraw(entry)
                return
        elif emote:
            await self._emotes.remove(channel_id, emote_id)
        if entry:
            await self._moderation_log.finish(entry)
        await self._bus.announce(ChatEmotesChanged(at=self._now(), channel_id=channel_id))

    async def _manager(self, channel_id: str, user_id: str) -> ChannelMember:
        member = await self._members.get(channel_id, user_id)
        policy.may_manage_emotes(member.user, member.role)
        return member
