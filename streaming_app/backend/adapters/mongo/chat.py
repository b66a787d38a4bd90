"""The chat archive in MongoDB."""

from collections.abc import Sequence

from pymongo import ASCENDING, DESCENDING, UpdateOne

from streaming_app.backend.adapters.mongo.documents import Database, Document
from streaming_app.backend.adapters.mongo.outages import reporting_outages
from streaming_app.backend.chat.model import ChatMessage


@reporting_outages
class MongoChatArchive:
    """Everything that was said."""

    def __init__(self, database: Database) -> None:
        self._messages = database["chat_messages"]

    async def add(self, messages: Sequence[ChatMessage]) -> None:
        # upserts pass over what is there, and in order: whoever reads meanwhile sees no gap that is filled later
        upserts = [
            UpdateOne({"_id": message.message_id}, {"$setOnInsert": _message_document(message)}, upsert=True)
            for message in messages
        ]
        if upserts:
            await self._messages.bulk_write(upserts, ordered=True)

    async def recent(self, channel_id: str, limit: int) -> list[ChatMessage]:
        newest_first = await self._find({"channel_id": channel_id}, DESCENDING, limit)
        return newest_first[::-1]

    async def after(self, channel_id: str, position: int, limit: int) -> list[ChatMessage]:
        return await self._find({"channel_id": channel_id, "position": {"$gt": position}}, ASCENDING, limit)

    async def _find(self, query: Document, direction: int, limit: int) -> list[ChatMessage]:
        if not limit:
            return []  # to MongoDB, 0 is no limit
        found = self._messages.find(query).sort([("position", direction), ("_id", direction)]).limit(limit)
        return [_message(document) async for document in found]


def _message_document(message: ChatMessage) -> Document:
    return {
        "channel_id": message.channel_id,
        "user_id": message.user_id,
        "username": message.username,
        "text": message.text,
        "sent_at": message.sent_at,
        "position": message.position,
    }


def _message(document: Document) -> ChatMessage:
    return ChatMessage(
        message_id=document["_id"],
        channel_id=document["channel_id"],
        user_id=document["user_id"],
        username=document["username"],
        text=document["text"],
        sent_at=document["sent_at"],
        position=int(document["position"]),
    )
