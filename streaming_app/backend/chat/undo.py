"""Undoes actions of moderators, using the data in their log entries."""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from streaming_app.backend.chat import policy
from streaming_app.backend.chat.members import ChannelMember, MembershipService
from streaming_app.backend.chat.model import Ban, EntryState, ModerationAction, ModerationLogEntry
from streaming_app.backend.chat.moderation_log import ModerationLogService
from streaming_app.backend.chat.moderation_log_entries import ban_data, is_entry_of_ban, target_of
from streaming_app.backend.chat.ports import ChatArchive, ChatSettingsRepository
from streaming_app.backend.chat.room_mutations import ChatRoomMutations
from streaming_app.backend.chat.rules_form import with_fields
from streaming_app.backend.errors import ConflictError, NotFoundError

RESTORED_MAX = 50
"""Maximum number of restored messages that are sent to open screens. The archive restores all of them."""

PENDING_GRACE = timedelta(seconds=10)
"""Pending entries younger than this cannot be undone, because their action may still be in progress."""

_WITH_TARGET = frozenset(
    {
        ModerationAction.DELETE,
        ModerationAction.CLEAR,
        ModerationAction.TIMEOUT,
        ModerationAction.BAN,
        ModerationAction.UNBAN,
    }
)
UNDOABLE = _WITH_TARGET | {
    ModerationAction.ADD_MODERATOR,
    ModerationAction.REMOVE_MODERATOR,
    ModerationAction.SET_RULES,
    ModerationAction.PIN,
    ModerationAction.UNPIN,
}
"""Actions that can be undone. Decisions about held messages and deleted emotes cannot."""

_Reverter = Callable[[ChannelMember, ModerationLogEntry], Awaitable[None]]


class UndoService:
    """Undoes log entries."""

    def __init__(
        self,
        members: MembershipService,
        archive: ChatArchive,
        chat_settings: ChatSettingsRepository,
        mutations: ChatRoomMutations,
        moderation_log: ModerationLogService,
        now: Callable[[], datetime],
    ) -> None:
        self._members = members
        self._archive = archive
        self._chat_settings = chat_settings
        self._mutations = mutations
        self._moderation_log = moderation_log
        self._now = now
        self._reverters: dict[ModerationAction, _Reverter] = {
            ModerationAction.DELETE: self._revert_deletion,
            ModerationAction.CLEAR: self._revert_deletion,
            ModerationAction.TIMEOUT: self._revert_timeout,
            ModerationAction.BAN: self._revert_ban,
            ModerationAction.UNBAN: self._revert_unban,
            ModerationAction.ADD_MODERATOR: self._revert_add_moderator,
            ModerationAction.REMOVE_MODERATOR: self._revert_remove_moderator,
            ModerationAction.SET_RULES: self._revert_rules,
            ModerationAction.PIN: self._revert_pin,
            ModerationAction.UNPIN: self._revert_pin,
        }

    async def undo(self, channel_id: str, user_id: str, entry_id: str) -> ModerationLogEntry:
        """Undo the action of an entry and return the updated entry.

        Of several concurrent calls one succeeds; the others raise ``ConflictError``. An interrupted undo can be
        repeated. Raises ``ForbiddenError`` if the user could not carry out the opposite action, and
        ``BusUnavailableError``.
        """
        actor = await self._members.get_moderator(channel_id, user_id, self._now())
        entry = await self._moderation_log.get(channel_id, entry_id)
        await self._check(actor, entry)
        if await self._moderation_log.begin_undo(entry):
            await self._reverters[entry.action](actor, entry)
            if undone := await self._moderation_log.finish_undo(entry, actor):
                return undone
        raise ConflictError("Someone just undid this.")

    async def _check(self, actor: ChannelMember, entry: ModerationLogEntry) -> None:
        if entry.action not in UNDOABLE:
            raise ConflictError("This can't be undone.")
        if entry.state is EntryState.UNDONE:
            raise ConflictError(f"{entry.undone_by} already undid this.")
        if entry.state is EntryState.PENDING and timedelta(0) <= self._now() - entry.at < PENDING_GRACE:
            raise ConflictError("This action is still running. Try again in a moment.")
        if entry.action in {ModerationAction.ADD_MODERATOR, ModerationAction.REMOVE_MODERATOR}:
            policy.may_manage_moderators(actor.role)
        elif entry.action in _WITH_TARGET:
            await self._check_target(actor, entry)
        elif entry.action in {ModerationAction.PIN, ModerationAction.UNPIN} and entry.state is EntryState.DONE:
            pinned = await self._chat_settings.pinned(entry.channel_id)
            if (pinned.message_id if pinned else "") != _pinned_id(entry):
                raise ConflictError("The pinned message has changed since then.")

    async def _check_target(self, actor: ChannelMember, entry: ModerationLogEntry) -> None:
        try:
            target = await self._members.get(entry.channel_id, entry.target_id)
        except NotFoundError:  # the account is gone, but its messages can be restored
            return
        if entry.target_id != actor.user.user_id:
            policy.may_moderate(actor.role, target.role, target.user)
        if entry.state is not EntryState.DONE:  # only the effects that exist are reverted
            return
        ban = target.active_ban(self._now())
        if entry.action in {ModerationAction.TIMEOUT, ModerationAction.BAN} and (
            ban is None or not is_entry_of_ban(entry, ban)
        ):
            raise ConflictError(
                f"This can't be undone: {entry.target} " + ("has been banned again." if ban else "is no longer banned.")
            )
        if entry.action is ModerationAction.UNBAN and ban:
            raise ConflictError(f"{entry.target} has been banned again.")

    async def _revert_deletion(self, actor: ChannelMember, entry: ModerationLogEntry) -> None:
        channel_id = actor.channel_id
        newest = await self._archive.deleted_by_entry(channel_id, entry.entry_id, RESTORED_MAX)
        await self._mutations.restore_messages(channel_id, entry.entry_id, newest)

    async def _revert_timeout(self, actor: ChannelMember, entry: ModerationLogEntry) -> None:
        await self._mutations.unban(
            actor.channel_id, target_of(entry), datetime.fromisoformat(ban_data(entry)["since"])
        )

    async def _revert_ban(self, actor: ChannelMember, entry: ModerationLogEntry) -> None:
        await self._revert_timeout(actor, entry)
        if ban_data(entry)["was_moderator"] and actor.role.can_manage_channel:
            await self._revert_remove_moderator(actor, entry)

    async def _revert_unban(self, actor: ChannelMember, entry: ModerationLogEntry) -> None:
        target = await self._members.get(entry.channel_id, entry.target_id)
        if target.active_ban(self._now()):  # the ban was not lifted, or the undo was repeated
            return
        before = json.loads(entry.undo_data)
        until = before["until"] and datetime.fromisoformat(before["until"])
        by = actor.user.username
        await self._mutations.ban(
            Ban(entry.channel_id, entry.target_id, entry.target, self._now(), until, before["reason"], by)
        )

    async def _revert_remove_moderator(self, actor: ChannelMember, entry: ModerationLogEntry) -> None:
        await self._mutations.add_moderator(actor.channel_id, target_of(entry))

    async def _revert_add_moderator(self, actor: ChannelMember, entry: ModerationLogEntry) -> None:
        await self._mutations.remove_moderator(actor.channel_id, target_of(entry))

    async def _revert_rules(self, actor: ChannelMember, entry: ModerationLogEntry) -> None:
        status, before = actor.status, json.loads(entry.undo_data)
        while (rules := with_fields(status.rules, before)) != status.rules:
            if await self._mutations.set_rules(entry.channel_id, rules, status.rules_version):
                return
            status = await self._chat_settings.membership_status(entry.channel_id, actor.user.user_id)

    async def _revert_pin(self, actor: ChannelMember, entry: ModerationLogEntry) -> None:
        channel_id = actor.channel_id
        message_id = json.loads(entry.undo_data) if entry.undo_data else ""
        try:
            message = await self._archive.get(channel_id, message_id)
        except NotFoundError:
            message = None
        await self._mutations.set_pinned(channel_id, message, _pinned_id(entry))


def _pinned_id(entry: ModerationLogEntry) -> str:
    """Return the id of the message that was pinned after the action; empty if none was."""
    return "".join(entry.message_ids)
