"""Everything that a channel's moderators look at, on one page."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from streaming_app.backend.chat.members import ChannelMember, MembershipService
from streaming_app.backend.chat.model import Ban, ChatRules, Chatter, Emote, HeldMessage, ModerationLogEntry, Role
from streaming_app.backend.chat.moderation_log import ModerationLogService
from streaming_app.backend.chat.ports import ChatSettingsRepository, Emotes, HeldMessages

LIST_MAX = 200
"""Held messages and bans that are shown: there is enough to do before the next ones matter."""


@dataclass(frozen=True, slots=True)
class ModerationDashboard:
    """How a channel's chat is kept, at one moment."""

    role: Role
    """Of who looks."""
    rules: ChatRules
    held: list[HeldMessage]
    """Oldest first."""
    bans: list[Ban]
    """Those that hold, newest first."""
    moderators: list[Chatter]
    """By name."""
    emotes: list[Emote]
    """Those on which who looks decides, by name; none for moderators."""
    log: list[ModerationLogEntry]
    """Newest first."""


class ModerationDashboardQuery:
    """Reads them."""

    def __init__(
        self,
        members: MembershipService,
        chat_settings: ChatSettingsRepository,
        held: HeldMessages,
        emotes: Emotes,
        moderation_log: ModerationLogService,
        now: Callable[[], datetime],
    ) -> None:
        self._members = members
        self._chat_settings = chat_settings
        self._held = held
        self._emotes = emotes
        self._moderation_log = moderation_log
        self._now = now

    async def read(self, channel_id: str, user_id: str, entries: int) -> ModerationDashboard:
        """The overview with the newest ``entries`` of the log; raises ``ForbiddenError`` for who moderates nothing."""
        member = await self._members.get_moderator(channel_id, user_id, self._now())
        held, bans, moderators, emotes, log = await asyncio.gather(
            self._held.waiting(channel_id, LIST_MAX),
            self._chat_settings.bans(channel_id, self._now(), LIST_MAX),
            self._chat_settings.moderators(channel_id),
            self._emotes_for(member),
            self._moderation_log.newest(channel_id, entries),
        )
        return ModerationDashboard(member.role, member.status.rules, held, bans, moderators, emotes, log)

    async def _emotes_for(self, member: ChannelMember) -> list[Emote]:
        return await self._emotes.of(member.channel.channel_id) if member.role.can_manage_channel else []
