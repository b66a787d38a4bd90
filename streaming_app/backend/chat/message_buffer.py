"""The in-memory buffer of a room's newest messages, without the deleted ones."""

from bisect import insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from streaming_app.backend.chat.model import ChatMessage, QuotedMessage
from streaming_app.backend.chat.quoted_messages import quote, with_quote_restored, without_deleted_quote
from streaming_app.backend.events import ChatMessagesDeleted

RING_SIZE = 200
"""Number of messages that are kept in any case."""
ARCHIVE_LAG = timedelta(seconds=30)
"""Older messages are kept too if they are younger than this, because the archive may not have them yet."""
RING_MAX = 2_000
"""Maximum number of messages."""
DELETIONS_MAX = 200
"""Number of deletions that are remembered, because the archive may return messages from before a deletion."""


@dataclass(frozen=True, slots=True)
class _Deletion:
    event: ChatMessagesDeleted
    position: int
    ids: frozenset[str]
    """Ids of the deleted messages: those in the event and those of the chatter in the buffer."""


class MessageBuffer:
    """The newest messages of one channel, oldest first."""

    def __init__(self) -> None:
        self._messages: list[ChatMessage] = []
        self._ids: set[str] = set()
        self._deletions: dict[str, _Deletion] = {}
        self._gone: set[str] = set()
        """Ids of all deleted messages."""
        self._cleared: dict[str, int] = {}
        """The position up to which all messages of a chatter are deleted, by user id and by username."""

    def __len__(self) -> int:
        return len(self._messages)

    @property
    def newest_position(self) -> int:
        """Position of the newest message, or -1 if there is none."""
        return self._messages[-1].position if self._messages else -1

    def add(self, messages: Sequence[ChatMessage]) -> list[ChatMessage]:
        """Add new messages. Returns those that are shown, without duplicates and deleted ones.

        The bus may deliver a message twice, and may deliver it after its deletion.
        """
        fresh: list[ChatMessage] = []
        for message in messages:
            if message.message_id not in self._ids:
                self._ids.add(message.message_id)
                fresh.append(message)
        shown = self._shown(fresh)
        self._messages += shown
        while len(self._messages) > RING_SIZE and (len(self._messages) > RING_MAX or self._oldest_is_archived()):
            del self._messages[0]
        if len(self._ids) > 2 * RING_MAX:
            self._ids = {message.message_id for message in self._messages}
        return shown

    def delete(self, deletion: ChatMessagesDeleted, position: int) -> None:
        """Remove the deleted messages, and their text from the replies that quote them."""
        taken = {m.message_id for m in self._messages if m.user_id == deletion.user_id and m.position <= position}
        self._deletions[deletion.entry_id] = _Deletion(deletion, position, frozenset(deletion.message_ids) | taken)
        if len(self._deletions) > DELETIONS_MAX:
            del self._deletions[next(iter(self._deletions))]
        self._count_deletions()
        self._messages = self._shown(self._messages)

    def restore(self, entry_id: str, messages: Sequence[ChatMessage]) -> None:
        """Undo the deletion of a log entry, for the messages that are in the range of the buffer."""
        self._deletions.pop(entry_id, None)
        self._count_deletions()
        back = self._shown(messages)
        quotes = {message.message_id: quote(message) for message in back}
        self._messages = [with_quote_restored(message, quotes) for message in self._messages]
        known = {message.message_id for message in self._messages}
        for message in back:
            if self.covers(message.position) and message.message_id not in known:
                insort(self._messages, message, key=lambda m: m.position)

    def forget_before(self, at: datetime) -> None:
        """Remove the messages that were sent before ``at``."""
        if self._messages and self._messages[0].sent_at < at:
            self._messages = [message for message in self._messages if message.sent_at >= at]

    def covers(self, position: int) -> bool:
        """Return whether the buffer has all messages after ``position``."""
        return bool(self._messages) and self._messages[0].position <= position

    def merged_with(self, archived: Sequence[ChatMessage]) -> list[ChatMessage]:
        """Return the messages of the archive and the buffer without duplicates, oldest first."""
        if not archived:
            return self._messages.copy()
        known = {message.message_id: message for message in (*archived, *self._messages)}
        return sorted(self._shown(known.values()), key=lambda message: message.position)

    def _count_deletions(self) -> None:
        """Update ``_gone`` and ``_cleared`` from the remembered deletions."""
        self._gone = {message_id for deletion in self._deletions.values() for message_id in deletion.ids}
        self._cleared = {}
        for deletion in self._deletions.values():
            if deletion.event.user_id:
                for who in (deletion.event.user_id, deletion.event.username):
                    self._cleared[who] = max(deletion.position, self._cleared.get(who, 0))

    def _shown(self, messages: Iterable[ChatMessage]) -> list[ChatMessage]:
        """Return the messages that are not deleted, without quotes of deleted ones."""
        if not self._deletions:
            return list(messages)
        return [without_deleted_quote(m, self._is_quote_gone) for m in messages if not self._is_gone(m)]

    def _is_gone(self, message: ChatMessage) -> bool:
        return message.message_id in self._gone or message.position <= self._cleared.get(message.user_id, -1)

    def _is_quote_gone(self, message: ChatMessage, quote: QuotedMessage) -> bool:
        # a quote of a chatter in a message from before their messages were cleared is a quote of a cleared message
        return quote.message_id in self._gone or message.position <= self._cleared.get(quote.username, -1)

    def _oldest_is_archived(self) -> bool:
        return self._messages[-1].sent_at - self._messages[0].sent_at > ARCHIVE_LAG
