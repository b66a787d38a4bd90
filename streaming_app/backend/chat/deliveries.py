"""What the bus delivers, in chat's own words; and chat's messages, as events carry them."""

from collections.abc import Sequence

from streaming_app.backend import events
from streaming_app.backend.bus import Delivery
from streaming_app.backend.chat.model import ChatMessage, Quote, Role
from streaming_app.backend.events import ChatLine, ChatMessageSent


def messages_in(batch: Sequence[Delivery]) -> list[ChatMessage]:
    """The chat messages among ``batch``, in its order."""
    return [
        message_of(event, delivery.position)
        for delivery in batch
        if isinstance(event := delivery.event, ChatMessageSent)
    ]


def message_of(event: ChatMessageSent, position: int) -> ChatMessage:
    """The message that ``event`` said, at its place in the channel's order."""
    return ChatMessage(
        message_id=event.event_id,
        channel_id=event.channel_id,
        user_id=event.user_id,
        username=event.username,
        text=event.text,
        sent_at=event.at,
        position=position,
        role=Role(event.role),
        reply_to=quote_of(event.reply_to),
    )


def message_in(channel_id: str, line: ChatLine) -> ChatMessage:
    """The message that an event about older messages carries."""
    return ChatMessage(
        message_id=line.message_id,
        channel_id=channel_id,
        user_id=line.user_id,
        username=line.username,
        text=line.text,
        sent_at=line.sent_at,
        position=line.position,
        role=Role(line.role),
        reply_to=quote_of(line.reply_to),
    )


def line_of(message: ChatMessage) -> ChatLine:
    """The reverse of ``message_in``."""
    return ChatLine(
        message_id=message.message_id,
        user_id=message.user_id,
        username=message.username,
        text=message.text,
        sent_at=message.sent_at,
        position=message.position,
        role=message.role.value,
        reply_to=carried(message.reply_to),
    )


def quote_of(quote: events.Quote | None) -> Quote | None:
    """What a message answers."""
    return quote and Quote(quote.message_id, quote.username, quote.text)


def carried(quote: Quote | None) -> events.Quote | None:
    """The reverse of ``quote_of``."""
    return quote and events.Quote(message_id=quote.message_id, username=quote.username, text=quote.text)
