"""Changes the rules and the pinned message of a channel, and records the changes in the moderation log."""

import json
from collections.abc import Callable
from datetime import datetime

from streaming_app.backend.chat.members import ChannelMember, MembershipService
from streaming_app.backend.chat.model import ChatMessage, ChatRules, ModerationAction, ModerationLogEntry
from streaming_app.backend.chat.moderation import author_of, get_message
from streaming_app.backend.chat.moderation_log import ModerationLogService
from streaming_app.backend.chat.moderation_log_entries import is_entry_of_rules_change
from streaming_app.backend.chat.ports import ChatArchive, ChatSettingsRepository
from streaming_app.backend.chat.room_mutations import ChatRoomMutations
from streaming_app.backend.chat.rules_form import changed_fields, describe_changes, with_fields
from streaming_app.backend.errors import ConflictError


class ChatSettingsService:
    """Sets rules and pins messages. All methods raise ``ForbiddenError`` and ``NotFoundError``."""

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

    async def set_rules(
        self, channel_id: str, user_id: str, rules: ChatRules, based_on: ChatRules | None = None
    ) -> ModerationLogEntry:
        """Replace the rules.

        With ``based_on``, only the fields that differ from it are changed, so concurrent changes of others are kept.
        """

        def change(now: ChatRules) -> ChatRules:
            return with_fields(now, changed_fields(rules, based_on)) if based_on else rules

        return await self.change_rules(channel_id, user_id, change)

    async def change_rules(
        self, channel_id: str, user_id: str, change: Callable[[ChatRules], ChatRules]
    ) -> ModerationLogEntry:
        """Apply ``change`` to the current rules. It is applied again if the rules were changed in the meantime."""
        while True:
            actor = await self._get_moderator(channel_id, user_id)
            before = actor.status.rules
            after = change(before)
            entry = await self._begin_rules(actor, before, after)
            if before == after or await self._mutations.set_rules(channel_id, after, actor.status.rules_version):
                return await self._moderation_log.finish(entry)
            await self._moderation_log.withdraw(entry)

    async def pin(self, channel_id: str, user_id: str, message_id: str) -> ModerationLogEntry:
        """Pin a message, in place of the pinned one."""
        actor = await self._get_moderator(channel_id, user_id)
        message = await get_message(self._archive, channel_id, message_id)
        while True:
            pinned = await self._chat_settings.pinned(channel_id)
            pinned_id = pinned.message_id if pinned else ""
            entry = await self._begin_pin(actor, message, pinned_id)
            if pinned_id == message_id or await self._mutations.set_pinned(channel_id, message, pinned_id):
                return await self._moderation_log.finish(entry)
            await self._moderation_log.withdraw(entry)

    async def unpin(self, channel_id: str, user_id: str) -> ModerationLogEntry:
        """Unpin the pinned message."""
        actor = await self._get_moderator(channel_id, user_id)
        pinned = await self._chat_settings.pinned(channel_id)
        entry = await self._moderation_log.find_pending(
            actor, ModerationAction.UNPIN, lambda e: pinned is None or e.undo_data == json.dumps(pinned.message_id)
        )
        if pinned and not entry:
            entry = await self._moderation_log.begin(
                actor, ModerationAction.UNPIN, author_of(pinned), detail=pinned.text, undo_data=pinned.message_id
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
            raise ConflictError("The rules are already set this way.")
        return await self._moderation_log.begin(
            actor,
            ModerationAction.SET_RULES,
            detail=describe_changes(before, after),
            undo_data=changed_fields(before, after),
        )

    async def _begin_pin(self, actor: ChannelMember, message: ChatMessage, pinned_id: str) -> ModerationLogEntry:
        is_pinned, replaced = pinned_id == message.message_id, json.dumps(pinned_id) if pinned_id else ""
        entry = await self._moderation_log.find_pending(
            actor,
            ModerationAction.PIN,
            lambda e: e.message_ids == (message.message_id,) and (is_pinned or e.undo_data == replaced),
        )
        if entry:
            return entry
        if is_pinned:
            raise ConflictError("This message is already pinned.")
        return await self._moderation_log.begin(
            *(actor, ModerationAction.PIN, author_of(message)),
            detail=message.text,
            message_ids=[message.message_id],
            undo_data=pinned_id or None,
        )

    async def _get_moderator(self, channel_id: str, user_id: str) -> ChannelMember:
        return await self._members.get_moderator(channel_id, user_id, self._now())
