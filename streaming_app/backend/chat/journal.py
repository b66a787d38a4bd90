"""Writes down what moderators do, and tells those who look at the log."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import uuid4

from streaming_app.backend.bus import Bus
from streaming_app.backend.chat.model import Chatter, Deed, Entry
from streaming_app.backend.chat.people import Member
from streaming_app.backend.chat.ports import ModerationLog
from streaming_app.backend.events import ChatModerated

NOBODY = Chatter("", "")
"""Whom a deed concerns that concerns the channel as a whole."""


class Journal:
    """The moderation log, for those who write in it."""

    def __init__(self, log: ModerationLog, bus: Bus, now: Callable[[], datetime]) -> None:
        self._log = log
        self._bus = bus
        self._now = now

    async def note(
        self,
        actor: Member,
        deed: Deed,
        target: Chatter = NOBODY,
        *,
        detail: str = "",
        reason: str = "",
        message_ids: Sequence[str] = (),
        before: object = None,
        entry_id: str = "",
    ) -> Entry:
        """Write down what ``actor`` has done; ``before`` is what undoing has to know."""
        entry = Entry(
            entry_id=entry_id or new_entry_id(),
            channel_id=actor.channel.channel_id,
            at=self._now(),
            by=actor.user.username,
            deed=deed,
            target=target.username,
            target_id=target.user_id,
            detail=detail,
            reason=reason,
            message_ids=tuple(message_ids),
            before="" if before is None else json.dumps(before),
        )
        await self._log.add(entry)
        await self.tell(entry.channel_id)
        return entry

    async def newest(self, channel_id: str, limit: int) -> list[Entry]:
        """As ``ModerationLog.newest``."""
        return await self._log.newest(channel_id, limit)

    async def get(self, channel_id: str, entry_id: str) -> Entry:
        """Raises ``NotFoundError``."""
        return await self._log.get(channel_id, entry_id)

    async def set_undone(self, entry: Entry, actor: Member) -> bool:
        """``False`` when it is undone already."""
        return await self._log.set_undone(entry.channel_id, entry.entry_id, self._now(), actor.user.username)

    async def tell(self, channel_id: str) -> None:
        """Say that there is something new for the channel's moderators."""
        await self._bus.announce(ChatModerated(at=self._now(), channel_id=channel_id))


def new_entry_id() -> str:
    """For an entry that is named before it is written."""
    return uuid4().hex
