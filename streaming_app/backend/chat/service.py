"""Posts chat messages and reads the chat history."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import uuid4

from streaming_app.backend.accounts.policy import may_take_part
from streaming_app.backend.bus import Bus, position_of
from streaming_app.backend.chat import commands, policy, quoted_messages
from streaming_app.backend.chat.command_handler import CommandHandler
from streaming_app.backend.chat.duplicates import DuplicateMessageGuard
from streaming_app.backend.chat.durations import humanize
from streaming_app.backend.chat.event_conversion import quote_from_payload, quote_to_payload
from streaming_app.backend.chat.filters import FilterMatch, find_match, normalized_text
from streaming_app.backend.chat.members import ChannelMember, MembershipService
from streaming_app.backend.chat.model import ChatMessage, FilterAction, HeldMessage, QuotedMessage, Role
from streaming_app.backend.chat.moderation_log import ModerationLogService
from streaming_app.backend.chat.ports import ChatArchive, ChatSettingsRepository, HeldMessages
from streaming_app.backend.errors import (
    BusUnavailableError,
    InvalidError,
    NotFoundError,
    RateLimitedError,
    StoreUnavailableError,
)
from streaming_app.backend.events import ChatMessageSent
from streaming_app.backend.rate_limit import RateLimit

_OUTAGES = (BusUnavailableError, StoreUnavailableError)
"""Failures of the site. The sender is not charged for them."""


@dataclass(frozen=True, slots=True)
class SentMessage:
    """The message is durable and will be delivered to all viewers."""

    message_id: str
    wait: timedelta = timedelta(0)
    """Time until the chatter's next turn in slow mode."""


@dataclass(frozen=True, slots=True)
class HeldForReview:
    """The message is held for review by a moderator."""

    note: str = "Your message will appear once a moderator approves it."
    wait: timedelta = timedelta(0)
    """Time until the chatter's next turn in slow mode."""


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The text was a command, which was carried out."""

    note: str
    """Describes the result."""


Taken = TypeVar("Taken", SentMessage, HeldForReview)


class ChatService:
    """Posts messages, runs commands and reads the history of a channel."""

    def __init__(
        self,
        members: MembershipService,
        archive: ChatArchive,
        chat_settings: ChatSettingsRepository,
        held: HeldMessages,
        moderation_log: ModerationLogService,
        command_handler: CommandHandler,
        rate_limit: RateLimit,
        bus: Bus,
        now: Callable[[], datetime],
        max_length: int,
        *,
        needs_confirmed_email: bool = False,
    ) -> None:
        self._members = members
        self._archive = archive
        self._chat_settings = chat_settings
        self._held = held
        self._moderation_log = moderation_log
        self._command_handler = command_handler
        self._rate_limit = rate_limit
        self._repeats = DuplicateMessageGuard(now)
        self._bus = bus
        self._now = now
        self._max_length = max_length
        self._needs_confirmed_email = needs_confirmed_email

    async def post(
        self,
        channel_id: str,
        user_id: str,
        text: str,
        reply_to: str = "",
        client_id: str = "",
        *,
        may_moderate: bool = True,
    ) -> SentMessage | HeldForReview | CommandResult:
        """Post ``text``, or run it if it is a command. ``reply_to`` is the id of the message that it replies to.

        ``client_id`` is the client's own id of the message: a message that is sent again with the same id appears once.
        Every attempt counts for the rate limit, unless the site failed. Slow mode's turn is only used for messages that
        are accepted. With ``may_moderate=False``, moderators' commands are refused whatever the user's role is.

        Raises ``InvalidError``, ``ForbiddenError``, ``RateLimitedError``, ``NotFoundError``, ``ConflictError`` or
        ``BusUnavailableError``.
        """
        await self._rate_limit.spend(user_id)
        try:
            message_id = policy.derive_message_id(channel_id, user_id, client_id, text) if client_id else uuid4().hex
            typed = commands.parse(policy.clean_text(text, self._max_length))
            if isinstance(typed, commands.Command):
                policy.may_use_command(typed.spec.minimum_role, may_moderate=may_moderate)
                return CommandResult(await self._command_handler.handle(channel_id, user_id, typed, reply_to))
            if client_id and await self._archive.is_deleted(channel_id, message_id):
                # its first copy was sent and deleted: screens that missed both must not show it
                return SentMessage(message_id)
            return await self._post(channel_id, user_id, message_id, typed, reply_to)
        except _OUTAGES:
            await self._rate_limit.refund(user_id)
            raise

    async def _post(
        self, channel_id: str, user_id: str, message_id: str, text: str, reply_to: str
    ) -> SentMessage | HeldForReview:
        member = await self._members.get(channel_id, user_id)
        may_take_part(member.user, needs_confirmed_email=self._needs_confirmed_email)
        policy.may_post(member.user, member.role, member.status, self._now())
        found = self._filter(member, text)
        quote = await self._quote(channel_id, reply_to) if reply_to else None
        message = ChatMessageSent(
            event_id=message_id,
            at=self._now(),
            channel_id=channel_id,
            user_id=user_id,
            username=member.user.username,
            text=text,
            role=member.role.value,
            reply_to=quote_to_payload(quote),
        )
        if not policy.is_subject_to_rules(member.role):
            return await self._publish(message)
        if found:
            return await self._in_turn(member, message_id, lambda: self._hold(message, found))
        if member.status.rules.limits_flood:
            return await self._unless_duplicate(member, message)
        return await self._in_turn(member, message_id, lambda: self._publish(message))

    async def recent(self, channel_id: str, limit: int) -> list[ChatMessage]:
        """Return the newest ``limit`` messages, oldest first."""
        return await self._archive.recent(channel_id, limit)

    async def after(self, channel_id: str, position: int, limit: int) -> list[ChatMessage]:
        """Return the first ``limit`` messages after ``position``, oldest first."""
        return await self._archive.after(channel_id, position, limit)

    async def before(self, channel_id: str, position: int, limit: int) -> list[ChatMessage]:
        """Return the last ``limit`` messages before ``position``, oldest first."""
        return await self._archive.before(channel_id, position, limit)

    async def since(self, channel_id: str, instant: datetime, limit: int) -> list[ChatMessage]:
        """Return the first ``limit`` messages that were sent at ``instant`` or later, oldest first."""
        return await self._archive.after(channel_id, position_of(instant, 0) - 1, limit)

    def _filter(self, member: ChannelMember, text: str) -> FilterMatch | None:
        """Return the filter match for which the message is held, if any. Raises ``InvalidError`` to refuse it."""
        rules = member.status.rules
        found = find_match(text, rules) if policy.is_subject_to_rules(member.role) else None
        if found and rules.filtered is FilterAction.REFUSED:
            raise InvalidError("text", found.author_message)
        return found

    async def _quote(self, channel_id: str, message_id: str) -> QuotedMessage:
        try:
            message = await self._archive.get(channel_id, message_id)
        except NotFoundError:
            raise NotFoundError(
                "The message you replied to no longer exists. Send yours without the reply, or try again in a moment."
            ) from None
        return quoted_messages.quote(message)

    async def _unless_duplicate(self, member: ChannelMember, message: ChatMessageSent) -> SentMessage:
        """Publish a message, unless the chatter has just sent the same text."""
        where = (message.channel_id, message.user_id)
        self._repeats.check(*where, normalized_text(message.text), message.event_id)
        try:
            return await self._in_turn(member, message.event_id, lambda: self._publish(message))
        except (RateLimitedError, *_OUTAGES):
            self._repeats.forget(*where)
            raise

    async def _in_turn(self, member: ChannelMember, message_id: str, work: Callable[[], Awaitable[Taken]]) -> Taken:
        """Run ``work`` if it is the chatter's turn in slow mode. Gives the turn back if the site fails."""
        if not (seconds := member.status.rules.slow_seconds):
            return await work()
        where = (member.channel_id, member.user.user_id, message_id)
        try:
            wait = await self._chat_settings.take_slow_mode_turn(*where, self._now(), timedelta(seconds=seconds))
            if wait > timedelta(0):
                raise RateLimitedError(f"Slow mode is on: you can chat again in {humanize(wait)}.", wait)
            return replace(await work(), wait=timedelta(seconds=seconds))
        except _OUTAGES:
            with suppress(StoreUnavailableError):  # the same message can still take the turn again
                await self._chat_settings.release_slow_mode_turn(*where)
            raise

    async def _hold(self, message: ChatMessageSent, found: FilterMatch) -> HeldForReview:
        await self._held.add(
            HeldMessage(
                message_id=message.event_id,
                channel_id=message.channel_id,
                user_id=message.user_id,
                username=message.username,
                text=message.text,
                role=Role(message.role),
                reply_to=quote_from_payload(message.reply_to),
                held_at=message.at,
                reason=found.moderator_note,
            )
        )
        await self._moderation_log.notify_moderators(message.channel_id)
        return HeldForReview()

    async def _publish(self, message: ChatMessageSent) -> SentMessage:
        await self._bus.publish(message)
        return SentMessage(message.event_id)
