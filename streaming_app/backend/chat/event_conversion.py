"""Converts between the events on the bus and the data types of chat."""

from collections.abc import Sequence
from datetime import datetime

from streaming_app.backend import events
from streaming_app.backend.bus import Delivery
from streaming_app.backend.chat.model import ChatMessage, ChatRules, QuotedMessage, Role
from streaming_app.backend.events import ChatMessagePayload, ChatMessageSent, ChatPinned, ChatRulesChanged


def messages_from_deliveries(batch: Sequence[Delivery]) -> list[ChatMessage]:
    """Return the chat messages in ``batch``, in the same order."""
    return [
        message_from_event(event, delivery.position)
        for delivery in batch
        if isinstance(event := delivery.event, ChatMessageSent)
    ]


def message_from_event(event: ChatMessageSent, position: int) -> ChatMessage:
    """Return the message of an event that was delivered at ``position``."""
    return ChatMessage(
        message_id=event.event_id,
        channel_id=event.channel_id,
        user_id=event.user_id,
        username=event.username,
        text=event.text,
        sent_at=event.at,
        position=position,
        role=Role(event.role),
        reply_to=quote_from_payload(event.reply_to),
    )


def message_from_payload(channel_id: str, line: ChatMessagePayload) -> ChatMessage:
    """Return the message in the payload of an event about older messages."""
    return ChatMessage(
        message_id=line.message_id,
        channel_id=channel_id,
        user_id=line.user_id,
        username=line.username,
        text=line.text,
        sent_at=line.sent_at,
        position=line.position,
        role=Role(line.role),
        reply_to=quote_from_payload(line.reply_to),
    )


def rules_to_event(channel_id: str, rules: ChatRules, at: datetime) -> ChatRulesChanged:
    """Return the event with the public part of the rules."""
    return ChatRulesChanged(
        at=at,
        channel_id=channel_id,
        slow_seconds=rules.slow_seconds,
        followers_only_minutes=rules.followers_only_minutes,
        account_age_minutes=rules.account_age_minutes,
    )


def rules_from_event(event: ChatRulesChanged) -> ChatRules:
    """Return the rules in an event. Rules that are not public have their defaults."""
    return ChatRules(
        slow_seconds=event.slow_seconds,
        followers_only_minutes=event.followers_only_minutes,
        account_age_minutes=event.account_age_minutes,
    )


def pin_to_event(channel_id: str, message: ChatMessage | None, at: datetime) -> ChatPinned:
    """Return the event that ``message`` was pinned, or unpinned if it is ``None``."""
    return ChatPinned(at=at, channel_id=channel_id, line=message and message_to_payload(message))


def message_to_payload(message: ChatMessage) -> ChatMessagePayload:
    """Return the payload of a message."""
    return ChatMessagePayload(
        message_id=message.message_id,
        user_id=message.user_id,
        username=message.username,
        text=message.text,
        sent_at=message.sent_at,
        position=message.position,
        role=message.role.value,
        reply_to=quote_to_payload(message.reply_to),
    )


def quote_from_payload(quote: events.QuotedMessagePayload | None) -> QuotedMessage | None:
    """Return the quoted message in a payload."""
    return quote and QuotedMessage(quote.message_id, quote.username, quote.text)


def quote_to_payload(quote: QuotedMessage | None) -> events.QuotedMessagePayload | None:
    """Return the payload of a quoted message."""
    return quote and events.QuotedMessagePayload(message_id=quote.message_id, username=quote.username, text=quote.text)
