"""Builds the quote that a reply shows of the original message, and removes it when the original is deleted."""

from collections.abc import Callable
from dataclasses import replace

from streaming_app.backend.chat.model import ChatMessage, QuotedMessage

QUOTED_TEXT_MAX = 100
"""Maximum number of characters that a reply quotes."""
_TAGS = "".join(map(chr, range(0xE0020, 0xE007F)))
"""The invisible tag characters of flag emoji, which are removed if a flag was cut off."""


def quote(message: ChatMessage) -> QuotedMessage:
    """Return the quote that replies to ``message`` show."""
    line = " ".join(message.text.split())
    excerpt = line if len(line) <= QUOTED_TEXT_MAX else f"{line[: QUOTED_TEXT_MAX - 1].rstrip(_TAGS).rstrip()}…"
    return QuotedMessage(message.message_id, message.username, excerpt)


def without_deleted_quote(
    message: ChatMessage, is_deleted: Callable[[ChatMessage, QuotedMessage], bool]
) -> ChatMessage:
    """Return ``message`` without the quoted text, if the quoted message is deleted."""
    quoted = message.reply_to
    if quoted is None or quoted.is_deleted or not is_deleted(message, quoted):
        return message
    return replace(message, reply_to=replace(quoted, text=""))


def with_quote_restored(message: ChatMessage, quotes: dict[str, QuotedMessage]) -> ChatMessage:
    """Return ``message`` with its quoted text restored. ``quotes`` are keyed by the id of the quoted message."""
    restored = quotes.get(message.reply_to.message_id) if message.reply_to and message.reply_to.is_deleted else None
    return replace(message, reply_to=restored) if restored else message
