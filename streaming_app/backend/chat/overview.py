"""Everything that a channel's moderators look at, on one page."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from streaming_app.backend.chat.journal import Journal
from streaming_app.backend.chat.model import Ban, Chatter, Emote, Entry, HeldMessage, Role, Rules
from streaming_app.backend.chat.people import Member, People
from streaming_app.backend.chat.ports import ChatRooms, Emotes, HeldMessages

LIST_MAX = 200
"""Held messages and bans that are shown: there is enough to do before the next ones matter."""


@dataclass(frozen=True, slots=True)
class Overview:
    """How a channel's chat is kept, at one moment."""

    role: Role
    """Of who looks."""
    rules: Rules
    held: list[HeldMessage]
    """Oldest first."""
    bans: list[Ban]
    """Those that hold, newest first."""
    moderators: list[Chatter]
    """By name."""
    emotes: list[Emote]
    """Those on which who looks decides, by name; none for moderators."""
    log: list[Entry]
    """Newest first."""


class Overviews:
    """Reads them."""

    def __init__(
        self,
        people: People,
        rooms: ChatRooms,
        held: HeldMessages,
        emotes: Emotes,
        journal: Journal,
        now: Callable[[], datetime],
    ) -> None:
        self._people = people
        self._rooms = rooms
        self._held = held
        self._emotes = emotes
        self._journal = journal
        self._now = now

    async def read(self, channel_id: str, user_id: str, entries: int) -> Overview:
        """The overview with the newest ``entries`` of the log; raises ``ForbiddenError`` for who moderates nothing."""
        member = await self._people.moderator(channel_id, user_id, self._now())
        held, bans, moderators, emotes, log = await asyncio.gather(
            self._held.waiting(channel_id, LIST_MAX),
            self._rooms.bans(channel_id, self._now(), LIST_MAX),
            self._rooms.moderators(channel_id),
            self._emotes_for(member),
            self._journal.newest(channel_id, entries),
        )
        return Overview(member.role, member.standing.rules, held, bans, moderators, emotes, log)

    async def _emotes_for(self, member: Member) -> list[Emote]:
        return await self._emotes.of(member.channel.channel_id) if member.role.is_in_charge else []
