"""Take back what a moderator did, from the line that the log has about it."""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from streaming_app.backend.chat import policy
from streaming_app.backend.chat.entries import is_made_by, target_of
from streaming_app.backend.chat.journal import Journal
from streaming_app.backend.chat.model import Ban, Deed, Entry, EntryState
from streaming_app.backend.chat.people import Member, People
from streaming_app.backend.chat.ports import ChatArchive, ChatRooms
from streaming_app.backend.chat.rules import with_fields
from streaming_app.backend.chat.upkeep import Upkeep
from streaming_app.backend.errors import ConflictError, NotFoundError

RESTORED_MAX = 50
"""Messages that come back to the screens at once; all of them come back to the archive."""

UNDER_WAY = timedelta(seconds=10)
"""A pending entry that is younger may still be carried out."""

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
            Deed.TIMEOUT: self._lift,
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

        That it is begun is written first, and that it is done last: an attempt that was interrupted is repeated.
        Raises ``ForbiddenError`` for who could not do the opposite either, and ``BusUnavailableError``.
        """
        actor = await self._people.moderator(channel_id, user_id, self._now())
        entry = await self._journal.get(channel_id, entry_id)
        await self._check(actor, entry)
        if await self._journal.begin_undo(entry):
            await self._reverses[entry.deed](actor, entry)
            if undone := await self._journal.finish_undo(entry, actor):
                return undone
        raise ConflictError("Somebody has just undone this.")

    async def _check(self, actor: Member, entry: Entry) -> None:
        if entry.deed not in UNDOABLE:
            raise ConflictError("This cannot be undone.")
        if entry.state is EntryState.UNDONE:
            raise ConflictError(f"{entry.undone_by} has undone this already.")
        if entry.state is EntryState.PENDING and timedelta(0) <= self._now() - entry.at < UNDER_WAY:
            raise ConflictError("This is being done right now. Try again in a moment.")
        if entry.deed in {Deed.ADD_MODERATOR, Deed.REMOVE_MODERATOR}:
            policy.may_appoint(actor.role)
        elif entry.deed in _ON_SOMEONE:
            await self._check_target(actor, entry)
        elif entry.deed in {Deed.PIN, Deed.UNPIN} and entry.state is EntryState.DONE:
            pinned = await self._rooms.pinned(entry.channel_id)
            if (pinned.message_id if pinned else "") != _pinned_id(entry):
                raise ConflictError("Something else was pinned or taken down since.")

    async def _check_target(self, actor: Member, entry: Entry) -> None:
        try:
            target = await self._people.member(entry.channel_id, entry.target_id)
        except NotFoundError:  # what they said is still there to come back
            return
        if entry.target_id != actor.user.user_id:
            policy.may_moderate(actor.role, target.role)
        if entry.state is not EntryState.DONE:  # what holds of it is reversed, nothing else
            return
        ban = target.ban(self._now())
        if entry.deed in {Deed.TIMEOUT, Deed.BAN} and (ban is None or not is_made_by(entry, ban)):
            raise ConflictError(
                f"This does not hold any more: {entry.target} " + ("was banned anew." if ban else "may write.")
            )
        if entry.deed is Deed.UNBAN and ban:
            raise ConflictError(f"{entry.target} was banned anew since.")

    async def _restore(self, actor: Member, entry: Entry) -> None:
        channel_id = actor.channel.channel_id
        newest = await self._archive.deleted_by(channel_id, entry.entry_id, RESTORED_MAX)
        await self._upkeep.restore(channel_id, entry.entry_id, newest)

    async def _lift(self, actor: Member, entry: Entry) -> None:
        await self._upkeep.unban(
            actor.channel.channel_id, target_of(entry), datetime.fromisoformat(_ban(entry)["since"])
        )

    async def _take_back_ban(self, actor: Member, entry: Entry) -> None:
        await self._lift(actor, entry)
        if _ban(entry)["was_moderator"] and actor.role.is_in_charge:
            await self._appoint(actor, entry)

    async def _ban_again(self, actor: Member, entry: Entry) -> None:
        target = await self._people.member(entry.channel_id, entry.target_id)
        if target.ban(self._now()):  # it was not lifted, or holds again
            return
        before = json.loads(entry.before)
        until = before["until"] and datetime.fromisoformat(before["until"])
        by = actor.user.username
        await self._upkeep.ban(
            Ban(entry.channel_id, entry.target_id, entry.target, self._now(), until, before["reason"], by)
        )

    async def _appoint(self, actor: Member, entry: Entry) -> None:
        await self._upkeep.appoint(actor.channel.channel_id, target_of(entry))

    async def _dismiss(self, actor: Member, entry: Entry) -> None:
        await self._upkeep.dismiss(actor.channel.channel_id, target_of(entry))

    async def _set_rules_back(self, actor: Member, entry: Entry) -> None:
        standing, before = actor.standing, json.loads(entry.before)
        while (rules := with_fields(standing.rules, before)) != standing.rules:
            if await self._upkeep.set_rules(entry.channel_id, rules, standing.rules_version):
                return
            standing = await self._rooms.standing(entry.channel_id, actor.user.user_id)

    async def _pin_back(self, actor: Member, entry: Entry) -> None:
        channel_id = actor.channel.channel_id
        message_id = json.loads(entry.before) if entry.before else ""
        try:
            message = await self._archive.get(channel_id, message_id)
        except NotFoundError:
            message = None
        await self._upkeep.set_pinned(channel_id, message, _pinned_id(entry))


def _ban(entry: Entry) -> dict[str, Any]:
    """What the entry about a ban or timeout has kept of it; the older ones have only when it began."""
    kept = json.loads(entry.before)
    return {"since": kept, "was_moderator": False} if isinstance(kept, str) else kept


def _pinned_id(entry: Entry) -> str:
    """Of the message that was above the chat after what the entry says; empty: none."""
    return "".join(entry.message_ids)
