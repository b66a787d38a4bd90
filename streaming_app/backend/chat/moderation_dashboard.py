"""Reads the data of the moderation page."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from streaming_app.backend.chat.members import ChannelMember, MembershipService
from streaming_app.backend.chat.model import Ban, ChatRules, Chatter, Emote, HeldMessage, ModerationLogEntry, Role
from streaming_app.backend.chat.moderation_log import ModerationLogService
from streaming_app.backend.chat.ports import ChatSettingsRepository, Emotes, HeldMessages

LIST_MAX = 200
"""Maximum number of held messages and of bans on the page."""


@dataclass(frozen=True, slots=True)
class ModerationDashboard:
    """The content of a channel's moderation page."""

    role: Role
    """The role of the user who opens the page."""
    rules: ChatRules
    held: list[HeldMessage]
    """Oldest first."""
    bans: list[Ban]
    """The active bans, newest first."""
    moderators: list[Chatter]
    """Sorted by name."""
    emotes: list[Emote]
    """The emotes that this user may delete, sorted by name; empty for moderators."""
    log: list[ModerationLogEntry]
    """Newest first."""


class ModerationDashboardQuery:
    """Loads moderation dashboards."""

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
        """Return the dashboard with the newest ``entries`` log entries. Raises ``ForbiddenError``."""
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
        return await self._emotes.of(member.channel_id) if member.role.can_manage_channel else []
