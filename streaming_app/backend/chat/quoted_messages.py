"""What an answer shows of the message that it answers: its beginning, until that is deleted."""

from collections.abc import Callable
from dataclasses import replace

from streaming_app.backend.chat.model import ChatMessage, QuotedMessage

QUOTED_TEXT_MAX = 100
"""Characters of a message that its answers show."""
_TAGS = "".join(map(chr, range(0xE0020, 0xE007F)))
"""The invisible letters of a flag, which show nothing when the flag was cut."""


def quote(message: ChatMessage) -> QuotedMessage:
    """What an answer to ``message`` shows of it."""
    line = " ".join(message.text.split())
    excerpt = line if len(line) <= QUOTED_TEXT_MAX else f"{line[: QUOTED_TEXT_MAX - 1].rstrip(_TAGS).rstrip()}…"
    return QuotedMessage(message.message_id, message.username, excerpt)


def without_deleted_quote(
    message: ChatMessage, is_deleted: Callable[[ChatMessage, QuotedMessage], bool]
) -> ChatMessage:
    """``message`` without the words that it quotes, if they are deleted."""
    quoted = message.reply_to
    if quoted is None or quoted.is_deleted or not is_deleted(message, quoted):
        return message
    return replace(message, reply_to=replace(quoted, text=""))


def with_quote_restored(message: ChatMessage, quotes: dict[str, QuotedMessage]) -> ChatMessage:
    """``message`` with the words that it quotes, if ``quotes`` has them by the id of the quoted message."""
    restored = quotes.get(message.reply_to.message_id) if message.reply_to and message.reply_to.is_deleted else None
    return replace(message, reply_to=restored) if restored else message
