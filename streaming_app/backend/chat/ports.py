"""What chat needs from technology. Two stores implement it, held by the same contract tests."""

from collections.abc import Sequence
from typing import Protocol

from streaming_app.backend.chat.model import ChatMessage


class ChatArchive(Protocol):
    """Everything that was said, for ever."""

    async def add(self, messages: Sequence[ChatMessage]) -> None:
        """Keep the messages; one that is kept already (same ``message_id``) stays as it is."""
        ...

    async def recent(self, channel_id: str, limit: int) -> list[ChatMessage]:
        """The newest ``limit`` messages, oldest first."""
        ...

    async def after(self, channel_id: str, position: int, limit: int) -> list[ChatMessage]:
        """The first ``limit`` messages behind ``position``, oldest first."""
        ...
