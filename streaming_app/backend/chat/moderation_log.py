"""Records the actions of moderators in the moderation log and announces changes of the log."""

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
"""The target of actions on the channel itself."""


class ModerationLogService:
    """Writes entries before and after each action.

    ``begin`` is called before an action is carried out and ``finish`` after it, so every action has an entry even if
    the process dies in between. If the same moderator tries again, their pending entry is continued.
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
        """Add a pending entry for an action of ``actor``. ``undo_data`` is stored as JSON for the undo."""
        entry = ModerationLogEntry(
            entry_id=uuid4().hex,
            channel_id=actor.channel_id,
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
        """Return the newest pending entry of ``actor`` for this kind of action that satisfies ``is_same``."""
        pending = await self._log.pending(actor.channel_id)
        mine = (entry for entry in pending if entry.action is action and entry.by == actor.user.username)
        return next(filter(is_same, mine), None)

    async def finish(self, entry: ModerationLogEntry) -> ModerationLogEntry:
        """Mark an entry as done and announce it. Returns the updated entry."""
        at = self._now()
        await self._log.set_done(entry.channel_id, entry.entry_id, at)
        await self.notify_moderators(entry.channel_id)
        return replace(entry, at=at, state=EntryState.DONE)

    async def withdraw(self, entry: ModerationLogEntry) -> None:
        """Remove a pending entry whose action was not carried out."""
        await self._log.withdraw(entry.channel_id, entry.entry_id)

    async def newest(self, channel_id: str, limit: int) -> list[ModerationLogEntry]:
        """Return the newest ``limit`` entries, newest first."""
        return await self._log.newest(channel_id, limit)

    async def get(self, channel_id: str, entry_id: str) -> ModerationLogEntry:
        """Return an entry. Raises ``NotFoundError``."""
        return await self._log.get(channel_id, entry_id)

    async def begin_undo(self, entry: ModerationLogEntry) -> bool:
        """Mark an entry as being undone. Returns ``False`` if it is already undone."""
        return await self._log.set_undoing(entry.channel_id, entry.entry_id)

    async def finish_undo(self, entry: ModerationLogEntry, actor: ChannelMember) -> ModerationLogEntry | None:
        """Mark an entry as undone and announce it. Returns ``None`` if another moderator has just done so."""
        at, by = self._now(), actor.user.username
        if not await self._log.set_undone(entry.channel_id, entry.entry_id, at, by):
            return None
        await self.notify_moderators(entry.channel_id)
        return replace(entry, undone_at=at, undone_by=by, state=EntryState.UNDONE)

    async def notify_moderators(self, channel_id: str) -> None:
        """Announce that the moderation page of the channel has changed."""
        await self._bus.announce(ChatModerated(at=self._now(), channel_id=channel_id))
