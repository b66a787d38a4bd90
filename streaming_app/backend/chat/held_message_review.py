"""Approves or rejects messages that are held for review."""

from collections.abc import Callable
from datetime import datetime, timedelta

from streaming_app.backend.bus import Bus
from streaming_app.backend.chat import policy
from streaming_app.backend.chat.event_conversion import quote_to_payload
from streaming_app.backend.chat.members import ChannelMember, MembershipService
from streaming_app.backend.chat.model import Chatter, HeldMessage, ModerationAction, ModerationLogEntry
from streaming_app.backend.chat.moderation_log import ModerationLogService
from streaming_app.backend.chat.ports import HeldMessages
from streaming_app.backend.chat.room_mutations import ChatRoomMutations
from streaming_app.backend.errors import ConflictError, NotFoundError
from streaming_app.backend.events import ChatMessageSent

CLAIM_LEASE = timedelta(seconds=10)
"""How long a message is reserved for the moderator who has started to decide."""


class HeldMessageService:
    """Decides about held messages. All methods may raise ``ForbiddenError`` and ``ConflictError``.

    A held message is removed in the last step, so an interrupted decision can be repeated and the message is not lost.
    It is not published twice, because a repeated approval uses the same message id.
    """

    def __init__(
        self,
        members: MembershipService,
        held: HeldMessages,
        mutations: ChatRoomMutations,
        moderation_log: ModerationLogService,
        bus: Bus,
        now: Callable[[], datetime],
    ) -> None:
        self._members = members
        self._held = held
        self._mutations = mutations
        self._moderation_log = moderation_log
        self._bus = bus
        self._now = now

    async def approve(self, channel_id: str, user_id: str, message_id: str) -> ModerationLogEntry:
        """Publish a held message. If the bus is down, raises ``BusUnavailableError``, and the message stays held.

        Raises ``ConflictError`` while the author is banned.
        """
        actor = await self._members.get_moderator(channel_id, user_id, self._now())
        try:
            await self._check_author(await self._held.get(channel_id, message_id))
            message = await self._claim(actor, message_id, ModerationAction.APPROVE)
        except NotFoundError:
            return await self._finish_log_entry(actor, message_id, ModerationAction.APPROVE)
        entry = await self._begin_log_entry(actor, message, ModerationAction.APPROVE)
        await self._publish(message)
        await self._held.remove(channel_id, message_id)
        return await self._moderation_log.finish(entry)

    async def reject(self, channel_id: str, user_id: str, message_id: str) -> ModerationLogEntry:
        """Discard a held message."""
        actor = await self._members.get_moderator(channel_id, user_id, self._now())
        try:
            message = await self._claim(actor, message_id, ModerationAction.REJECT)
        except NotFoundError:
            return await self._finish_log_entry(actor, message_id, ModerationAction.REJECT)
        entry = await self._begin_log_entry(actor, message, ModerationAction.REJECT)
        if message.decision is ModerationAction.APPROVE:  # an interrupted approval may have published it
            await self._mutations.delete_messages(channel_id, entry.entry_id, [message_id])
        await self._held.remove(channel_id, message_id)
        return await self._moderation_log.finish(entry)

    async def _check_author(self, message: HeldMessage) -> None:
        author = await self._members.get(message.channel_id, message.user_id)
        if banned := policy.describe_ban_to_moderators(author.user, author.role, author.status, self._now()):
            raise ConflictError(f"{message.username} {banned}, so this message can't be approved. You can reject it.")

    async def _claim(self, actor: ChannelMember, message_id: str, decision: ModerationAction) -> HeldMessage:
        return await self._held.claim(
            actor.channel_id, message_id, actor.user.user_id, decision, self._now(), CLAIM_LEASE
        )

    async def _begin_log_entry(
        self, actor: ChannelMember, message: HeldMessage, decision: ModerationAction
    ) -> ModerationLogEntry:
        entry = await self._moderation_log.find_pending(
            actor, decision, lambda e: e.message_ids == (message.message_id,)
        )
        return entry or await self._moderation_log.begin(
            actor,
            decision,
            Chatter(message.user_id, message.username),
            detail=message.text,
            reason=message.reason,
            message_ids=[message.message_id],
        )

    async def _finish_log_entry(
        self, actor: ChannelMember, message_id: str, decision: ModerationAction
    ) -> ModerationLogEntry:
        """Finish the log entry of a decision that was interrupted before its last step. Raises ``NotFoundError``."""
        entry = await self._moderation_log.find_pending(actor, decision, lambda e: e.message_ids == (message_id,))
        if entry is None:
            raise NotFoundError("This message was already reviewed.")
        return await self._moderation_log.finish(entry)

    async def _publish(self, message: HeldMessage) -> None:
        await self._bus.publish(
            ChatMessageSent(
                event_id=message.message_id,
                at=self._now(),
                channel_id=message.channel_id,
                user_id=message.user_id,
                username=message.username,
                text=message.text,
                role=message.role.value,
                reply_to=quote_to_payload(message.reply_to),
            )
        )
