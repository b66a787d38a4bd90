"""Take back what a moderator did, from the line that the log has about it."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from streaming_app.backend.chat import policy
from streaming_app.backend.chat.journal import Journal
from streaming_app.backend.chat.model import Chatter, Deed, Entry
from streaming_app.backend.chat.moderation import made
from streaming_app.backend.chat.people import Member, People
from streaming_app.backend.chat.ports import ChatArchive, ChatRooms
from streaming_app.backend.chat.rules import with_fields
from streaming_app.backend.chat.upkeep import Upkeep
from streaming_app.backend.errors import ConflictError, NotFoundError

RESTORED_MAX = 50
"""Messages that come back to the screens at once; all of them come back to the archive."""

_ON_SOMEONE = frozenset({Deed.DELETE, Deed.CLEAR, Deed.TIMEOUT, Deed.BAN, Deed.UNBAN})
UNDOABLE = _ON_SOMEONE | {Deed.ADD_MODERATOR, Deed.REMOVE_MODERATOR, Deed.SET_RULES, Deed.PIN, Deed.UNPIN}
"""What a moderator decided about a held message stays decided."""

_Reverse = Callable[[Member, Entry], Awaitable[None]]


class Undoing:
    """The one use case."""

    def __init__(
        self,
        people: People,
        archive: ChatArchive,
        rooms: ChatRooms,
        upkeep: Upkeep,
        journal: Journal,
        now: Callable[[], datetime],
    ) -> None:
        self._people = people
        self._archive = archive
        self._rooms = rooms
        self._upkeep = upkeep
        self._journal = journal
        self._now = now
        self._reverses: dict[Deed, _Reverse] = {
            Deed.DELETE: self._restore,
            Deed.CLEAR: self._restore,
            Deed.TIMEOUT: self._unban,
            Deed.BAN: self._take_back_ban,
            Deed.UNBAN: self._ban_again,
            Deed.ADD_MODERATOR: self._dismiss,
            Deed.REMOVE_MODERATOR: self._appoint,
            Deed.SET_RULES: self._set_rules_back,
            Deed.PIN: self._pin_back,
            Deed.UNPIN: self._pin_back,
        }

    async def undo(self, channel_id: str, user_id: str, entry_id: str) -> Entry:
        """Undo what the entry says, once however many ask: the others read ``ConflictError``.

        Raises ``ForbiddenError`` for who could not do the opposite either, and ``BusUnavailableError``.
        """
        actor = await self._people.moderator(channel_id, user_id, self._now())
        entry = await self._journal.get(channel_id, entry_id)
        await self._check(actor, entry)
        if entry.deed in {Deed.DELETE, Deed.CLEAR}:  # twice does no harm, and what is not said must not count as undone
            await self._reverses[entry.deed](actor, entry)
            await self._mark(actor, entry)
        else:
            await self._mark(actor, entry)
            await self._reverses[entry.deed](actor, entry)
        await self._journal.tell(channel_id)
        return replace(entry, undone_at=self._now(), undone_by=actor.user.username)

    async def _check(self, actor: Member, entry: Entry) -> None:
        if entry.deed not in UNDOABLE:
            raise ConflictError("This cannot be undone.")
        if entry.undone_at:
            raise ConflictError(f"{entry.undone_by} has undone this already.")
        if entry.deed in {Deed.ADD_MODERATOR, Deed.REMOVE_MODERATOR}:
            policy.may_appoint(actor.role)
        elif entry.deed in _ON_SOMEONE:
            await self._check_target(actor, entry)
        elif entry.deed in {Deed.PIN, Deed.UNPIN}:
            pinned = await self._rooms.pinned(entry.channel_id)
            if (pinned.message_id if pinned else "") != "".join(entry.message_ids):
                raise ConflictError("Something else was pinned or taken down since.")

    async def _check_target(self, actor: Member, entry: Entry) -> None:
        try:
            target = await self._people.member(entry.channel_id, entry.target_id)
        except NotFoundError:  # what they said is still there to come back
            return
        if entry.target_id != actor.user.user_id:
            policy.may_moderate(actor.role, target.role)
        ban = target.ban(self._now())
        if entry.deed in {Deed.TIMEOUT, Deed.BAN} and (ban is None or made(ban) != _ban(entry)["since"]):
            raise ConflictError(
                f"This does not hold any more: {entry.target} " + ("was banned anew." if ban else "may write.")
            )
        if entry.deed is Deed.UNBAN and ban:
            raise ConflictError(f"{entry.target} was banned anew since.")

    async def _mark(self, actor: Member, entry: Entry) -> None:
        if not await self._journal.set_undone(entry, actor):
            raise ConflictError("Somebody has just undone this.")

    async def _restore(self, actor: Member, entry: Entry) -> None:
        channel_id = actor.channel.channel_id
        newest = await self._archive.deleted_by(channel_id, entry.entry_id, RESTORED_MAX)
        await self._upkeep.restore(channel_id, entry.entry_id, newest)

    async def _unban(self, actor: Member, entry: Entry) -> None:
        await self._upkeep.unban(actor.channel.channel_id, _target(entry))

    async def _take_back_ban(self, actor: Member, entry: Entry) -> None:
        await self._unban(actor, entry)
        if _ban(entry)["was_moderator"] and actor.role.is_in_charge:
            await self._appoint(actor, entry)

    async def _ban_again(self, actor: Member, entry: Entry) -> None:
        before = json.loads(entry.before)
        until = before["until"] and datetime.fromisoformat(before["until"])
        await self._upkeep.ban(actor.channel.channel_id, _target(entry), until, before["reason"], actor.user.username)

    async def _appoint(self, actor: Member, entry: Entry) -> None:
        await self._upkeep.appoint(actor.channel.channel_id, _target(entry))

    async def _dismiss(self, actor: Member, entry: Entry) -> None:
        await self._upkeep.dismiss(actor.channel.channel_id, _target(entry))

    async def _set_rules_back(self, actor: Member, entry: Entry) -> None:
        rules = with_fields(actor.standing.rules, json.loads(entry.before))
        await self._upkeep.set_rules(actor.channel.channel_id, rules)

    async def _pin_back(self, actor: Member, entry: Entry) -> None:
        channel_id = actor.channel.channel_id
        message_id = json.loads(entry.before) if entry.before else ""
        try:
            message = await self._archive.get(channel_id, message_id)
        except NotFoundError:
            message = None
        await self._upkeep.set_pinned(channel_id, message)


def _ban(entry: Entry) -> dict[str, Any]:
    """What the entry about a ban or timeout has kept of it; the older ones have only when it began."""
    kept = json.loads(entry.before)
    return {"since": kept, "was_moderator": False} if isinstance(kept, str) else kept


def _target(entry: Entry) -> Chatter:
    return Chatter(entry.target_id, entry.target)
