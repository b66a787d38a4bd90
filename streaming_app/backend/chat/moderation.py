"""Moderates the chat of a channel: deletes messages, bans chatters, appoints moderators.

Each action is recorded in the moderation log before it is carried out, and marked as done afterwards. An interrupted
action leaves a pending entry. If the same moderator repeats the action, that entry is continued, so every step is
idempotent.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from streaming_app.backend.accounts.model import User
from streaming_app.backend.chat import policy
from streaming_app.backend.chat.durations import humanize
from streaming_app.backend.chat.members import ChannelMember, MembershipService
from streaming_app.backend.chat.model import (
    ChatMessage,
    Chatter,
    ModerationAction,
    ModerationLogEntry,
    Role,
)
from streaming_app.backend.chat.moderation_log import ModerationLogService
from streaming_app.backend.chat.moderation_log_entries import (
    ban_from_entry,
    has_target,
    is_entry_of_ban,
    is_entry_of_unban,
    target_of,
    to_iso,
)
from streaming_app.backend.chat.ports import ChatArchive
from streaming_app.backend.chat.room_mutations import ChatRoomMutations
from streaming_app.backend.errors import ConflictError, NotFoundError


class ModerationService:
    """The actions of moderators. All of them raise ``ForbiddenError`` and ``NotFoundError``.

    Deletions raise ``BusUnavailableError`` if they cannot be published; then their entry stays pending.
    """

    def __init__(
        self,
        members: MembershipService,
        archive: ChatArchive,
        mutations: ChatRoomMutations,
        moderation_log: ModerationLogService,
        now: Callable[[], datetime],
    ) -> None:
        self._members = members
        self._archive = archive
        self._mutations = mutations
        self._moderation_log = moderation_log
        self._now = now

    async def get_member(self, channel_id: str, user_id: str) -> ChannelMember:
        """Return a user with their role and status in the channel."""
        return await self._members.get(channel_id, user_id)

    async def get_member_by_user(self, channel_id: str, user: User) -> ChannelMember:
        """As ``get_member``, for a user who has just been read."""
        return await self._members.get_by_user(channel_id, user)

    async def delete(self, channel_id: str, user_id: str, message_id: str, reason: str = "") -> ModerationLogEntry:
        """Delete a message."""
        why = policy.clean_reason(reason)
        actor = await self._get_moderator(channel_id, user_id)
        entry = await self._moderation_log.find_pending(
            actor, ModerationAction.DELETE, lambda e: e.message_ids == (message_id,)
        )
        if entry:
            writer, text = target_of(entry), entry.detail  # the message may be deleted already
        else:
            message = await get_message(self._archive, channel_id, message_id)
            writer, text = author_of(message), message.text
        if writer.user_id != user_id:
            policy.may_moderate(actor.role, await self._role_of(channel_id, writer))
        entry = entry or await self._moderation_log.begin(
            actor, ModerationAction.DELETE, writer, detail=text, reason=why, message_ids=[message_id]
        )
        await self._mutations.delete_messages(channel_id, entry.entry_id, [message_id])
        return await self._moderation_log.finish(entry)

    async def clear(self, channel_id: str, user_id: str, name: str, reason: str = "") -> ModerationLogEntry:
        """Delete all messages that a chatter has sent until now."""
        why = policy.clean_reason(reason)
        actor, target = await self._actor_and_target(channel_id, user_id, name)
        entry = await self._moderation_log.find_pending(actor, ModerationAction.CLEAR, has_target(target.user.user_id))
        entry = entry or await self._moderation_log.begin(actor, ModerationAction.CLEAR, target.chatter, reason=why)
        await self._mutations.delete_all_by_user(channel_id, entry.entry_id, target.chatter)
        return await self._moderation_log.finish(entry)

    async def timeout(
        self, channel_id: str, user_id: str, name: str, length: timedelta, reason: str = ""
    ) -> ModerationLogEntry:
        """Time a chatter out for ``length`` from now."""
        why, lasts = policy.clean_reason(reason), policy.clean_timeout(length)
        actor, target = await self._actor_and_target(channel_id, user_id, name)
        if (ban := target.active_ban(self._now())) and ban.until is None:
            raise ConflictError(f"{target.user.username} is already banned permanently.")
        detail = humanize(lasts)
        entry = await self._moderation_log.find_pending(
            actor, ModerationAction.TIMEOUT, lambda e: e.target_id == target.user.user_id and e.detail == detail
        )
        entry = entry or await self._moderation_log.begin(
            *(actor, ModerationAction.TIMEOUT, target.chatter),
            detail=detail,
            reason=why,
            undo_data={"since": to_iso(self._now())},
        )
        await self._mutations.ban(ban_from_entry(entry, until=self._now() + lasts))
        return await self._moderation_log.finish(entry)

    async def ban(self, channel_id: str, user_id: str, name: str, reason: str = "") -> ModerationLogEntry:
        """Ban a chatter permanently. A moderator loses that role."""
        why = policy.clean_reason(reason)
        actor, target = await self._actor_and_target(channel_id, user_id, name)
        entry = await self._moderation_log.find_pending(actor, ModerationAction.BAN, has_target(target.user.user_id))
        ban = target.active_ban(self._now())
        if ban and ban.until is None and not (entry and is_entry_of_ban(entry, ban)):
            raise ConflictError(f"{target.user.username} is already banned.")
        entry = entry or await self._moderation_log.begin(
            *(actor, ModerationAction.BAN, target.chatter),
            reason=why,
            undo_data={"since": to_iso(self._now()), "was_moderator": target.status.is_moderator},
        )
        await self._mutations.ban(ban_from_entry(entry, until=None))
        await self._mutations.remove_moderator(channel_id, target.chatter)
        return await self._moderation_log.finish(entry)

    async def unban(self, channel_id: str, user_id: str, name: str) -> ModerationLogEntry:
        """Lift the ban or timeout of a chatter."""
        actor, target = await self._actor_and_target(channel_id, user_id, name)
        ban = target.active_ban(self._now())
        entry = await self._moderation_log.find_pending(
            actor,
            ModerationAction.UNBAN,
            lambda e: e.target_id == target.user.user_id and (ban is None or is_entry_of_unban(e, ban)),
        )
        if ban and not entry:
            until = ban.until and to_iso(ban.until)
            before = {"until": until, "reason": ban.reason, "since": to_iso(ban.since)}
            entry = await self._moderation_log.begin(actor, ModerationAction.UNBAN, target.chatter, undo_data=before)
        if not entry:
            raise ConflictError(f"{target.user.username} is not banned here.")
        if ban:
            await self._mutations.unban(channel_id, target.chatter, ban.since)
        return await self._moderation_log.finish(entry)

    async def add_moderator(self, channel_id: str, user_id: str, name: str) -> ModerationLogEntry:
        """Make a chatter a moderator."""
        actor = await self._get_moderator(channel_id, user_id)
        policy.may_manage_moderators(actor.role)
        target = await self._members.get_by_name(channel_id, name)
        if target.role.can_manage_channel:
            raise ConflictError(f"{target.user.username} can already do everything a moderator can.")
        if target.active_ban(self._now()):
            raise ConflictError(f"{target.user.username} is banned here. Unban them first.")
        entry = await self._moderation_log.find_pending(
            actor, ModerationAction.ADD_MODERATOR, has_target(target.user.user_id)
        )
        if target.status.is_moderator and not entry:
            raise ConflictError(f"{target.user.username} is already a moderator.")
        entry = entry or await self._moderation_log.begin(actor, ModerationAction.ADD_MODERATOR, target.chatter)
        await self._mutations.add_moderator(channel_id, target.chatter)
        return await self._moderation_log.finish(entry)

    async def remove_moderator(self, channel_id: str, user_id: str, name: str) -> ModerationLogEntry:
        """Make a moderator a viewer again. Moderators may also remove themselves."""
        actor = await self._members.get(channel_id, user_id)
        target = await self._members.get_by_name(channel_id, name)
        entry = await self._moderation_log.find_pending(
            actor, ModerationAction.REMOVE_MODERATOR, has_target(target.user.user_id)
        )
        resigns = target.user.user_id == user_id
        if not (resigns and entry):  # an interrupted resignation may have removed the role
            await self._get_moderator(channel_id, user_id)
        if not resigns:
            policy.may_manage_moderators(actor.role)
        if not (target.status.is_moderator or entry):
            raise ConflictError(f"{target.user.username} is not a moderator of this channel.")
        entry = entry or await self._moderation_log.begin(actor, ModerationAction.REMOVE_MODERATOR, target.chatter)
        role = policy.role_of(target.user, replace(target.status, is_moderator=False))
        await self._mutations.remove_moderator(channel_id, target.chatter, role)
        return await self._moderation_log.finish(entry)

    async def _get_moderator(self, channel_id: str, user_id: str) -> ChannelMember:
        return await self._members.get_moderator(channel_id, user_id, self._now())

    async def _actor_and_target(self, channel_id: str, user_id: str, name: str) -> tuple[ChannelMember, ChannelMember]:
        """Return the moderator and the target. Raises ``ForbiddenError`` if the one may not moderate the other."""
        actor = await self._get_moderator(channel_id, user_id)
        target = await self._members.get_by_name(channel_id, name)
        if target.user.user_id == user_id:
            raise ConflictError("You can't do that to yourself.")
        policy.may_moderate(actor.role, target.role, target.user)
        return actor, target

    async def _role_of(self, channel_id: str, writer: Chatter) -> Role:
        try:
            return (await self._members.get(channel_id, writer.user_id)).role
        except NotFoundError:
            return Role.VIEWER


async def get_message(archive: ChatArchive, channel_id: str, message_id: str) -> ChatMessage:
    """Return a message. Raises ``NotFoundError`` with a text for moderators."""
    try:
        return await archive.get(channel_id, message_id)
    except NotFoundError:
        raise NotFoundError("That message no longer exists. If it is new, try again in a moment.") from None


def author_of(message: ChatMessage) -> Chatter:
    """Return the author of a message."""
    return Chatter(message.user_id, message.username)
