"""What a room remembers: its newest messages, without those that were deleted."""

from bisect import insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from streaming_app.backend.chat.model import ChatMessage, QuotedMessage
from streaming_app.backend.chat.quoted_messages import quote, with_quote_restored, without_deleted_quote
from streaming_app.backend.events import ChatMessagesDeleted

RING_SIZE = 200
"""Messages a room remembers ..."""
ARCHIVE_LAG = timedelta(seconds=30)
"""... and beyond that those which the archive may not hold yet ..."""
RING_MAX = 2_000
"""... but never more than this."""
DELETIONS_MAX = 200
"""Deletions a room remembers: an archive that was asked before them may answer after them."""


@dataclass(frozen=True, slots=True)
class _Deletion:
    event: ChatMessagesDeleted
    position: int
    ids: frozenset[str]
    """Of the messages that it names, or that the ring held."""


class Ring:
    """The newest messages of one channel, oldest first."""

    def __init__(self) -> None:
        self._messages: list[ChatMessage] = []
        self._ids: set[str] = set()
        self._deletions: dict[str, _Deletion] = {}
        self._gone: set[str] = set()
        """Ids of messages that a deletion took away."""
        self._cleared: dict[str, int] = {}
        """Up to which position everything of a chatter is deleted, by id and by name."""

    def __len__(self) -> int:
        return len(self._messages)

    @property
    def newest_position(self) -> int:
        """Before all others when there is no message."""
        return self._messages[-1].position if self._messages else -1

    def add(self, messages: Sequence[ChatMessage]) -> list[ChatMessage]:
        """Remember these too, the newest; as they are shown, without those that were heard before.

        The bus may bring a message twice, and bring one after what deleted it.
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
        """Forget these, and what others quote of them."""
        taken = {m.message_id for m in self._messages if m.user_id == deletion.user_id and m.position <= position}
        self._deletions[deletion.entry_id] = _Deletion(deletion, position, frozenset(deletion.message_ids) | taken)
        if len(self._deletions) > DELETIONS_MAX:
            del self._deletions[next(iter(self._deletions))]
        self._count_deletions()
        self._messages = self._shown(self._messages)

    def restore(self, entry_id: str, messages: Sequence[ChatMessage]) -> None:
        """Remember again what this entry deleted, as far back as the ring goes."""
        self._deletions.pop(entry_id, None)
        self._count_deletions()
        back = self._shown(messages)
        quotes = {message.message_id: quote(message) for message in back}
        self._messages = [with_quote_restored(message, quotes) for message in self._messages]
        known = {message.message_id for message in self._messages}
        for message in back:
            if self.covers(message.position) and message.message_id not in known:
                insort(self._messages, message, key=lambda m: m.position)

    def covers(self, position: int) -> bool:
        """Whether the ring holds everything said behind ``position``."""
        return bool(self._messages) and self._messages[0].position <= position

    def merged_with(self, archived: Sequence[ChatMessage]) -> list[ChatMessage]:
        """What the archive and the ring hold, each once, oldest first."""
        if not archived:
            return self._messages.copy()
        known = {message.message_id: message for message in (*archived, *self._messages)}
        return sorted(self._shown(known.values()), key=lambda message: message.position)

    def _count_deletions(self) -> None:
        """Put the remembered deletions together."""
        self._gone = {message_id for deletion in self._deletions.values() for message_id in deletion.ids}
        self._cleared = {}
        for deletion in self._deletions.values():
            if deletion.event.user_id:
                for who in (deletion.event.user_id, deletion.event.username):
                    self._cleared[who] = max(deletion.position, self._cleared.get(who, 0))

    def _shown(self, messages: Iterable[ChatMessage]) -> list[ChatMessage]:
        """Those that no remembered deletion took away, without quotes of what one did."""
        if not self._deletions:
            return list(messages)
        return [without_deleted_quote(m, self._is_quote_gone) for m in messages if not self._is_gone(m)]

    def _is_gone(self, message: ChatMessage) -> bool:
        return message.message_id in self._gone or message.position <= self._cleared.get(message.user_id, -1)

    def _is_quote_gone(self, message: ChatMessage, quote: QuotedMessage) -> bool:
        # what quotes a chatter and was said before they were cleared, quotes what was cleared
        return quote.message_id in self._gone or message.position <= self._cleared.get(quote.username, -1)

    def _oldest_is_archived(self) -> bool:
        return self._messages[-1].sent_at - self._messages[0].sent_at > ARCHIVE_LAG
