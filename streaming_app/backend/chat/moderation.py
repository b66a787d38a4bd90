"""Keep order in a channel's chat. Each use case asks who acts, writes it down, does it and notes that it is done.

So nothing is done that is not in the log. An attempt that was interrupted leaves a pending entry, which the same
moderator's next attempt continues: every step may be taken twice.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

from streaming_app.backend.chat import policy
from streaming_app.backend.chat.durations import humanize
from streaming_app.backend.chat.log_entries import (
    ban_from_entry,
    has_target,
    is_entry_of_ban,
    is_entry_of_rules_change,
    is_entry_of_unban,
    target_of,
    to_iso,
)
from streaming_app.backend.chat.members import ChannelMember, MembershipService
from streaming_app.backend.chat.model import (
    ChatMessage,
    ChatRules,
    Chatter,
    MembershipStatus,
    ModerationAction,
    ModerationLogEntry,
    Role,
)
from streaming_app.backend.chat.moderation_log import ModerationLogService
from streaming_app.backend.chat.ports import ChatArchive, ChatSettingsRepository
from streaming_app.backend.chat.room_mutations import ChatRoomMutations
from streaming_app.backend.chat.rules import changed_fields, describe_changes, with_fields
from streaming_app.backend.errors import ConflictError, NotFoundError

_NO_STATUS = MembershipStatus(ChatRules(), is_moderator=False, ban=None, followed_at=None)


class ModerationService:
    """What moderators do. All of it raises ``ForbiddenError`` for who may not, and ``NotFoundError``.

    What takes messages away raises ``BusUnavailableError`` when it cannot be said now; its entry stays pending.
    """

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

    async def get_member(self, channel_id: str, user_id: str) -> ChannelMember:
        """A user in a channel's chat: their role, and the ban that they are under."""
        return await self._members.get(channel_id, user_id)

    async def delete(self, channel_id: str, user_id: str, message_id: str, reason: str = "") -> ModerationLogEntry:
        """Take one message away."""
        why = policy.clean_reason(reason)
        actor = await self._get_moderator(channel_id, user_id)
        entry = await self._moderation_log.find_pending(
            actor, ModerationAction.DELETE, lambda e: e.message_ids == (message_id,)
        )
        if entry:
            writer, text = target_of(entry), entry.detail  # the message may be gone
        else:
            message = await self._get_message(channel_id, message_id)
            writer, text = _author(message), message.text
        if writer.user_id != user_id:
            policy.may_moderate(actor.role, await self._author_role(channel_id, writer))
        entry = entry or await self._moderation_log.begin(
            actor, ModerationAction.DELETE, writer, detail=text, reason=why, message_ids=[message_id]
        )
        await self._mutations.delete_messages(channel_id, entry.entry_id, [message_id])
        return await self._moderation_log.finish(entry)

    async def clear(self, channel_id: str, user_id: str, name: str, reason: str = "") -> ModerationLogEntry:
        """Take everything away that a chatter has said until now."""
        why = policy.clean_reason(reason)
        actor, target = await self._actor_and_target(channel_id, user_id, name)
        entry = await self._moderation_log.find_pending(actor, ModerationAction.CLEAR, has_target(target.user.user_id))
        entry = entry or await self._moderation_log.begin(actor, ModerationAction.CLEAR, target.chatter, reason=why)
        await self._mutations.delete_all_by_user(channel_id, entry.entry_id, target.chatter)
        return await self._moderation_log.finish(entry)

    async def timeout(
        self, channel_id: str, user_id: str, name: str, length: timedelta, reason: str = ""
    ) -> ModerationLogEntry:
        """Let a chatter write nothing for so long, counted from now."""
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
        """Let a chatter write nothing any more; a moderator is none afterwards."""
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
        """Let a chatter write again, before their time."""
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
        """Let someone keep order too."""
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
        """Make a moderator a viewer again; they may do that themselves."""
        actor = await self._members.get(channel_id, user_id)
        target = await self._members.get_by_name(channel_id, name)
        entry = await self._moderation_log.find_pending(
            actor, ModerationAction.REMOVE_MODERATOR, has_target(target.user.user_id)
        )
        resigns = target.user.user_id == user_id
        if not (resigns and entry):  # who began to resign may be none any more
            await self._get_moderator(channel_id, user_id)
        if not resigns:
            policy.may_manage_moderators(actor.role)
        if not (target.status.is_moderator or entry):
            raise ConflictError(f"{target.user.username} is not a moderator of this channel.")
        entry = entry or await self._moderation_log.begin(actor, ModerationAction.REMOVE_MODERATOR, target.chatter)
        role = policy.role_of(target.user, target.channel, _NO_STATUS)
        await self._mutations.remove_moderator(channel_id, target.chatter, role)
        return await self._moderation_log.finish(entry)

    async def set_rules(
        self, channel_id: str, user_id: str, rules: ChatRules, based_on: ChatRules | None = None
    ) -> ModerationLogEntry:
        """Keep the chat by these rules from now on.

        With ``instead_of``, only what differs between the two changes: what others have changed since stays.
        """

        def change(now: ChatRules) -> ChatRules:
            return with_fields(now, changed_fields(rules, based_on)) if based_on else rules

        return await self.change_rules(channel_id, user_id, change)

    async def change_rules(
        self, channel_id: str, user_id: str, change: Callable[[ChatRules], ChatRules]
    ) -> ModerationLogEntry:
        """Keep the chat by the rules that ``change`` makes of those that hold; others may change theirs meanwhile."""
        while True:
            actor = await self._get_moderator(channel_id, user_id)
            before = actor.status.rules
            after = change(before)
            entry = await self._begin_rules(actor, before, after)
            if before == after or await self._mutations.set_rules(channel_id, after, actor.status.rules_version):
                return await self._moderation_log.finish(entry)
            await self._moderation_log.withdraw(entry)

    async def pin(self, channel_id: str, user_id: str, message_id: str) -> ModerationLogEntry:
        """Show a message above the chat, in the place of the one that is there."""
        actor = await self._get_moderator(channel_id, user_id)
        message = await self._get_message(channel_id, message_id)
        while True:
            pinned = await self._chat_settings.pinned(channel_id)
            pinned_id = pinned.message_id if pinned else ""
            entry = await self._begin_pin(actor, message, pinned_id)
            if pinned_id == message_id or await self._mutations.set_pinned(channel_id, message, pinned_id):
                return await self._moderation_log.finish(entry)
            await self._moderation_log.withdraw(entry)

    async def unpin(self, channel_id: str, user_id: str) -> ModerationLogEntry:
        """Show no message above the chat."""
        actor = await self._get_moderator(channel_id, user_id)
        pinned = await self._chat_settings.pinned(channel_id)
        entry = await self._moderation_log.find_pending(
            actor, ModerationAction.UNPIN, lambda e: pinned is None or e.undo_data == json.dumps(pinned.message_id)
        )
        if pinned and not entry:
            entry = await self._moderation_log.begin(
                actor, ModerationAction.UNPIN, _author(pinned), detail=pinned.text, undo_data=pinned.message_id
            )
        if not entry:
            raise ConflictError("There is no pinned message.")
        if pinned and not await self._mutations.set_pinned(channel_id, None, pinned.message_id):
            await self._moderation_log.withdraw(entry)
            raise ConflictError("Someone else just changed the pinned message.")
        return await self._moderation_log.finish(entry)

    async def _begin_rules(self, actor: ChannelMember, before: ChatRules, after: ChatRules) -> ModerationLogEntry:
        entry = await self._moderation_log.find_pending(
            actor, ModerationAction.SET_RULES, lambda e: is_entry_of_rules_change(e, before, after)
        )
        if entry:
            return entry
        if before == after:
            raise ConflictError("The rules already say that.")
        return await self._moderation_log.begin(
            actor,
            ModerationAction.SET_RULES,
            detail=describe_changes(before, after),
            undo_data=changed_fields(before, after),
        )

    async def _begin_pin(self, actor: ChannelMember, message: ChatMessage, pinned_id: str) -> ModerationLogEntry:
        is_there, replaced = pinned_id == message.message_id, json.dumps(pinned_id) if pinned_id else ""
        entry = await self._moderation_log.find_pending(
            actor,
            ModerationAction.PIN,
            lambda e: e.message_ids == (message.message_id,) and (is_there or e.undo_data == replaced),
        )
        if entry:
            return entry
        if is_there:
            raise ConflictError("This message is already pinned.")
        return await self._moderation_log.begin(
            *(actor, ModerationAction.PIN, _author(message)),
            detail=message.text,
            message_ids=[message.message_id],
            undo_data=pinned_id or None,
        )

    async def _get_moderator(self, channel_id: str, user_id: str) -> ChannelMember:
        return await self._members.get_moderator(channel_id, user_id, self._now())

    async def _actor_and_target(self, channel_id: str, user_id: str, name: str) -> tuple[ChannelMember, ChannelMember]:
        """Who acts and who is acted upon, if the one may the other."""
        actor = await self._get_moderator(channel_id, user_id)
        target = await self._members.get_by_name(channel_id, name)
        if target.user.user_id == user_id:
            raise ConflictError("You can't do that to yourself.")
        policy.may_moderate(actor.role, target.role)
        return actor, target

    async def _get_message(self, channel_id: str, message_id: str) -> ChatMessage:
        try:
            return await self._archive.get(channel_id, message_id)
        except NotFoundError:
            raise NotFoundError("That message no longer exists. If it is new, try again in a moment.") from None

    async def _author_role(self, channel_id: str, writer: Chatter) -> Role:
        try:
            return (await self._members.get(channel_id, writer.user_id)).role
        except NotFoundError:
            return Role.VIEWER


def _author(message: ChatMessage) -> Chatter:
    return Chatter(message.user_id, message.username)
