"""Writes chat events to the archive: new, deleted and restored messages, in the order of the bus.

It also erases the messages of deleted accounts.
"""

from collections.abc import Sequence

from streaming_app.backend.bus import Delivery
from streaming_app.backend.chat.event_conversion import message_from_event
from streaming_app.backend.chat.model import ChatMessage
from streaming_app.backend.chat.ports import ChatArchive
from streaming_app.backend.events import AccountDeleted, ChatMessagesDeleted, ChatMessageSent, ChatMessagesRestored


class ChatArchiver:
    """The durable handler of the topics of chat and accounts. Handling a batch twice has no effect."""

    def __init__(self, archive: ChatArchive) -> None:
        self._archive = archive

    async def handle(self, batch: Sequence[Delivery]) -> None:
        """Apply the events of ``batch``. Consecutive messages are written together."""
        said: list[ChatMessage] = []
        for delivery in batch:
            match delivery.event:
                case ChatMessageSent() as event:
                    said.append(message_from_event(event, delivery.position))
                case ChatMessagesDeleted() | ChatMessagesRestored() as event:
                    await self._add(said)
                    await self._apply(event, delivery.position)
                    said = []
                case AccountDeleted() as event:
                    await self._add(said)
                    await self._erase(event)
                    said = []
                case _:
                    pass
        await self._add(said)

    async def _add(self, said: list[ChatMessage]) -> None:
        if said:
            await self._archive.add(said)

    async def _erase(self, event: AccountDeleted) -> None:
        await self._archive.erase_author(event.user_id, event.username)
        if event.channel_id:
            await self._archive.erase_channel(event.channel_id)

    async def _apply(self, event: ChatMessagesDeleted | ChatMessagesRestored, position: int) -> None:
        if isinstance(event, ChatMessagesRestored):
            await self._archive.restore(event.channel_id, event.entry_id)
        elif event.message_ids:
            await self._archive.delete(event.channel_id, event.entry_id, event.message_ids)
        else:
            await self._archive.delete_all_by_user(event.channel_id, event.entry_id, event.user_id, until=position)
