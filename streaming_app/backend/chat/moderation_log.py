"""Writes down what moderators do, and tells those who look at the log."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from streaming_app.backend.bus import Bus
from streaming_app.backend.chat.members import ChannelMember
from streaming_app.backend.chat.model import Chatter, EntryState, ModerationAction, ModerationLogEntry
from streaming_app.backend.chat.ports import ModerationLog
from streaming_app.backend.events import ChatModerated

NO_TARGET = Chatter("", "")
"""Whom a deed concerns that concerns the channel as a whole."""


class ModerationLogService:
    """The moderation log, for those who write in it.

    An action is begun here before it is carried out, and finished here afterwards: whatever happens in between, there
    is an entry of what was done. The moderator who tries again continues the entry.
    """

    def __init__(self, log: ModerationLog, bus: Bus, now: Callable[[], datetime]) -> None:
        self._log = log
        self._bus = bus
        self._now = now

    async def begin(
        self,
        actor: ChannelMember,
        action: ModerationAction,
        target: Chatter = NO_TARGET,
        *,
        detail: str = "",
        reason: str = "",
        message_ids: Sequence[str] = (),
        undo_data: object = None,
    ) -> ModerationLogEntry:
        """Write down what ``actor`` is about to do; ``before`` is what undoing has to know."""
        entry = ModerationLogEntry(
            entry_id=uuid4().hex,
            channel_id=actor.channel.channel_id,
            at=self._now(),
            by=actor.user.username,
            action=action,
            target=target.username,
            target_id=target.user_id,
            detail=detail,
            reason=reason,
            message_ids=tuple(message_ids),
            undo_data="" if undo_data is None else json.dumps(undo_data),
            state=EntryState.PENDING,
        )
        await self._log.add(entry)
        return entry

    async def find_pending(
        self, actor: ChannelMember, action: ModerationAction, is_same: Callable[[ModerationLogEntry], bool]
    ) -> ModerationLogEntry | None:
        """The newest entry of a ``deed`` that ``actor`` began and that was interrupted."""
        pending = await self._log.pending(actor.channel.channel_id)
        mine = (entry for entry in pending if entry.action is action and entry.by == actor.user.username)
        return next(filter(is_same, mine), None)

    async def finish(self, entry: ModerationLogEntry) -> ModerationLogEntry:
        """Write down that it is done."""
        at = self._now()
        await self._log.set_done(entry.channel_id, entry.entry_id, at)
        await self.notify_moderators(entry.channel_id)
        return replace(entry, at=at, state=EntryState.DONE)

    async def withdraw(self, entry: ModerationLogEntry) -> None:
        """Forget what was begun: it did not happen."""
        await self._log.withdraw(entry.channel_id, entry.entry_id)

    async def newest(self, channel_id: str, limit: int) -> list[ModerationLogEntry]:
        """As ``ModerationLog.newest``."""
        return await self._log.newest(channel_id, limit)

    async def get(self, channel_id: str, entry_id: str) -> ModerationLogEntry:
        """Raises ``NotFoundError``."""
        return await self._log.get(channel_id, entry_id)

    async def begin_undo(self, entry: ModerationLogEntry) -> bool:
        """Write down that it is about to be undone; ``False`` when it is undone already."""
        return await self._log.set_undoing(entry.channel_id, entry.entry_id)

    async def finish_undo(self, entry: ModerationLogEntry, actor: ChannelMember) -> ModerationLogEntry | None:
        """Write down that it is undone; ``None`` when somebody else just did."""
        at, by = self._now(), actor.user.username
        if not await self._log.set_undone(entry.channel_id, entry.entry_id, at, by):
            return None
        await self.notify_moderators(entry.channel_id)
        return replace(entry, undone_at=at, undone_by=by, state=EntryState.UNDONE)

    async def notify_moderators(self, channel_id: str) -> None:
        """Say that there is something new for the channel's moderators."""
        await self._bus.announce(ChatModerated(at=self._now(), channel_id=channel_id))
