"""Recognizes chat messages of deleted accounts, which the bus may deliver again after the deletion."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from streaming_app.backend.account_data.model import id_key, name_key
from streaming_app.backend.chat.model import ERASED_USERNAME, ChatMessage


def keys_of(messages: Iterable[ChatMessage]) -> set[str]:
    """Return the keys under which the authors, the channels and the quoted users of ``messages`` may be erased."""
    keys: set[str] = set()
    for message in messages:
        keys |= {id_key(message.user_id), id_key(message.channel_id)}
        if message.reply_to:
            keys.add(name_key(message.reply_to.username))
    return keys


def without_erased(message: ChatMessage, erased: Collection[str]) -> ChatMessage | None:
    """Return the message without a quote of a deleted account; ``None`` if its author or channel was deleted."""
    if id_key(message.user_id) in erased or id_key(message.channel_id) in erased:
        return None
    quote = message.reply_to
    if quote and name_key(quote.username) in erased:
        return replace(message, reply_to=replace(quote, username=ERASED_USERNAME, text=""))
    return message
