"""What a room remembers: its newest messages, without those that were deleted."""

from bisect import insort
from collections.abc import Iterable, Sequence
from datetime import timedelta

from streaming_app.backend.chat.model import ChatMessage
from streaming_app.backend.events import ChatMessagesDeleted

RING_SIZE = 200
"""Messages a room remembers ..."""
ARCHIVE_LAG = timedelta(seconds=30)
"""... and beyond that those which the archive may not hold yet ..."""
RING_MAX = 2_000
"""... but never more than this."""
DELETIONS_MAX = 200
"""Deletions a room remembers: an archive that was asked before them may answer after them."""


class Ring:
    """The newest messages of one channel, oldest first."""

    def __init__(self) -> None:
        self._messages: list[ChatMessage] = []
        self._deletions: dict[str, tuple[ChatMessagesDeleted, int]] = {}

    def __len__(self) -> int:
        return len(self._messages)

    @property
    def newest_position(self) -> int:
        """Before all others when there is no message."""
        return self._messages[-1].position if self._messages else -1

    def add(self, messages: Sequence[ChatMessage]) -> None:
        """Remember these too, the newest."""
        self._messages += messages
        while len(self._messages) > RING_SIZE and (len(self._messages) > RING_MAX or self._oldest_is_archived()):
            del self._messages[0]

    def delete(self, deletion: ChatMessagesDeleted, position: int) -> None:
        """Forget these."""
        self._deletions[deletion.entry_id] = (deletion, position)
        if len(self._deletions) > DELETIONS_MAX:
            del self._deletions[next(iter(self._deletions))]
        self._messages = self._standing(self._messages)

    def restore(self, entry_id: str, messages: Iterable[ChatMessage]) -> None:
        """Remember again what this entry deleted, as far back as the ring goes."""
        self._deletions.pop(entry_id, None)
        known = {message.message_id for message in self._messages}
        for message in self._standing(messages):
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
        return sorted(self._standing(known.values()), key=lambda message: message.position)

    def _standing(self, messages: Iterable[ChatMessage]) -> list[ChatMessage]:
        """Those that no remembered deletion took away."""
        if not self._deletions:
            return list(messages)
        ids = {message_id for deletion, _ in self._deletions.values() for message_id in deletion.message_ids}
        cleared: dict[str, int] = {}
        for deletion, position in self._deletions.values():
            if deletion.user_id:
                cleared[deletion.user_id] = max(position, cleared.get(deletion.user_id, 0))
        return [m for m in messages if m.message_id not in ids and m.position > cleared.get(m.user_id, -1)]

    def _oldest_is_archived(self) -> bool:
        return self._messages[-1].sent_at - self._messages[0].sent_at > ARCHIVE_LAG
