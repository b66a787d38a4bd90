"""The moderation log and what waits for moderators, in MongoDB."""

from datetime import datetime

from pymongo import ASCENDING, DESCENDING

from streaming_app.backend.adapters.mongo.chat import quote_document, quote_in
from streaming_app.backend.adapters.mongo.documents import Database, Document
from streaming_app.backend.adapters.mongo.outages import reporting_outages
from streaming_app.backend.adapters.unique import no_such_entry, not_held
from streaming_app.backend.chat.model import Deed, Entry, HeldMessage, Role


@reporting_outages
class MongoModerationLog:
    """Everything that moderators did."""

    def __init__(self, database: Database) -> None:
        self._log = database["moderation_log"]

    async def add(self, entry: Entry) -> None:
        await self._log.insert_one(_entry_document(entry))

    async def get(self, channel_id: str, entry_id: str) -> Entry:
        document = await self._log.find_one({"_id": entry_id, "channel_id": channel_id})
        if document is None:
            raise no_such_entry()
        return _entry(document)

    async def newest(self, channel_id: str, limit: int) -> list[Entry]:
        if not limit:
            return []  # to MongoDB, 0 is no limit
        found = self._log.find({"channel_id": channel_id}).sort([("at", DESCENDING), ("_id", DESCENDING)]).limit(limit)
        return [_entry(document) async for document in found]

    async def set_undone(self, channel_id: str, entry_id: str, at: datetime, by: str) -> bool:
        changed = await self._log.update_one(
            {"_id": entry_id, "channel_id": channel_id, "undone_at": None},
            {"$set": {"undone_at": at, "undone_by": by}},
        )
        return changed.matched_count == 1


@reporting_outages
class MongoHeldMessages:
    """Messages that wait for a moderator."""

    def __init__(self, database: Database) -> None:
        self._held = database["held_messages"]

    async def add(self, message: HeldMessage) -> None:
        await self._held.insert_one(_held_document(message))

    async def waiting(self, channel_id: str, limit: int) -> list[HeldMessage]:
        if not limit:
            return []  # to MongoDB, 0 is no limit
        found = self._held.find({"channel_id": channel_id}).sort([("held_at", ASCENDING), ("_id", ASCENDING)])
        return [_held(document) async for document in found.limit(limit)]

    async def take(self, channel_id: str, message_id: str) -> HeldMessage:
        document = await self._held.find_one_and_delete({"_id": message_id, "channel_id": channel_id})
        if not document:
            raise not_held()
        return _held(document)


def _entry_document(entry: Entry) -> Document:
    return {
        "_id": entry.entry_id,
        "channel_id": entry.channel_id,
        "at": entry.at,
        "by": entry.by,
        "deed": str(entry.deed),
        "target": entry.target,
        "target_id": entry.target_id,
        "detail": entry.detail,
        "reason": entry.reason,
        "message_ids": list(entry.message_ids),
        "undone_at": entry.undone_at,
        "undone_by": entry.undone_by,
        "before": entry.before,
    }


def _entry(document: Document) -> Entry:
    return Entry(
        entry_id=document["_id"],
        channel_id=document["channel_id"],
        at=document["at"],
        by=document["by"],
        deed=Deed(document["deed"]),
        target=document["target"],
        target_id=document["target_id"],
        detail=document["detail"],
        reason=document["reason"],
        message_ids=tuple(document["message_ids"]),
        undone_at=document["undone_at"],
        undone_by=document["undone_by"],
        before=document.get("before", ""),
    )


def _held_document(message: HeldMessage) -> Document:
    return {
        "_id": message.message_id,
        "channel_id": message.channel_id,
        "user_id": message.user_id,
        "username": message.username,
        "text": message.text,
        "role": str(message.role),
        "reply_to": quote_document(message.reply_to),
        "held_at": message.held_at,
        "reason": message.reason,
    }


def _held(document: Document) -> HeldMessage:
    return HeldMessage(
        message_id=document["_id"],
        channel_id=document["channel_id"],
        user_id=document["user_id"],
        username=document["username"],
        text=document["text"],
        role=Role(document["role"]),
        reply_to=quote_in(document["reply_to"]),
        held_at=document["held_at"],
        reason=document["reason"],
    )
