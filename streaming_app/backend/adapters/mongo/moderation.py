"""The moderation log and the held messages in MongoDB."""

from datetime import datetime, timedelta

from pymongo import ASCENDING, DESCENDING

from streaming_app.backend.adapters.mongo.chat import MESSAGE, without_deleted_quotes
from streaming_app.backend.adapters.mongo.connection_errors import reporting_outages
from streaming_app.backend.adapters.mongo.documents import Database, Document, from_document, to_document
from streaming_app.backend.adapters.store_errors import held_message_claimed, held_message_gone, no_such_entry
from streaming_app.backend.chat.model import EntryState, HeldMessage, ModerationAction, ModerationLogEntry

_ENTRY = {"entry_id": "_id", "action": "deed", "undo_data": "before"}


@reporting_outages
class MongoModerationLog:
    """The moderation logs of all channels."""

    def __init__(self, database: Database) -> None:
        self._log = database["moderation_log"]

    async def add(self, entry: ModerationLogEntry) -> None:
        await self._log.insert_one(to_document(entry, _ENTRY))

    async def get(self, channel_id: str, entry_id: str) -> ModerationLogEntry:
        document = await self._log.find_one({"_id": entry_id, "channel_id": channel_id})
        if document is None:
            raise no_such_entry()
        return _entry(document)

    async def newest(self, channel_id: str, limit: int) -> list[ModerationLogEntry]:
        if not limit:
            return []  # MongoDB treats 0 as no limit
        found = self._log.find({"channel_id": channel_id}).sort([("at", DESCENDING), ("_id", DESCENDING)]).limit(limit)
        return [_entry(document) async for document in found]

    async def pending(self, channel_id: str) -> list[ModerationLogEntry]:
        found = self._log.find({"channel_id": channel_id, "state": EntryState.PENDING.value})
        return [_entry(document) async for document in found.sort([("at", DESCENDING), ("_id", DESCENDING)])]

    async def set_done(self, channel_id: str, entry_id: str, at: datetime) -> bool:
        changed = await self._log.update_one(
            {"_id": entry_id, "channel_id": channel_id, "state": EntryState.PENDING.value},
            {"$set": {"state": EntryState.DONE.value, "at": at}},
        )
        return changed.matched_count == 1

    async def withdraw(self, channel_id: str, entry_id: str) -> None:
        await self._log.delete_one({"_id": entry_id, "channel_id": channel_id, "state": EntryState.PENDING.value})

    async def set_undoing(self, channel_id: str, entry_id: str) -> bool:
        return await self._change_unless_undone(channel_id, entry_id, {"state": EntryState.UNDOING.value})

    async def set_undone(self, channel_id: str, entry_id: str, at: datetime, by: str) -> bool:
        undone = {"state": EntryState.UNDONE.value, "undone_at": at, "undone_by": by}
        return await self._change_unless_undone(channel_id, entry_id, undone)

    async def _change_unless_undone(self, channel_id: str, entry_id: str, fields: Document) -> bool:
        """Update an entry unless it is undone. Returns whether it was updated."""
        not_undone = {"_id": entry_id, "channel_id": channel_id, "undone_at": None}
        return (await self._log.update_one(not_undone, {"$set": fields})).matched_count == 1


@reporting_outages
class MongoHeldMessages:
    """The messages that are held for review."""

    def __init__(self, database: Database) -> None:
        self._held = database["held_messages"]
        self._messages = database["chat_messages"]

    async def add(self, message: HeldMessage) -> None:
        document = to_document(message, MESSAGE)
        await self._held.update_one({"_id": document.pop("_id")}, {"$setOnInsert": document}, upsert=True)

    async def get(self, channel_id: str, message_id: str) -> HeldMessage:
        document = await self._held.find_one({"_id": message_id, "channel_id": channel_id})
        if not document:
            raise held_message_gone()
        return await self._read(document)

    async def waiting(self, channel_id: str, limit: int) -> list[HeldMessage]:
        return await self._list({"channel_id": channel_id}, limit)

    async def by_author(self, user_id: str, limit: int) -> list[HeldMessage]:
        return await self._list({"user_id": user_id}, limit)

    async def _list(self, query: Document, limit: int) -> list[HeldMessage]:
        if not limit:
            return []  # MongoDB treats 0 as no limit
        found = self._held.find(query).sort([("held_at", ASCENDING), ("_id", ASCENDING)])
        documents = await without_deleted_quotes(self._messages, await found.limit(limit).to_list())
        return [from_document(HeldMessage, document, MESSAGE) for document in documents]

    async def claim(
        self, channel_id: str, message_id: str, by: str, decision: ModerationAction, at: datetime, lease: timedelta
    ) -> HeldMessage:
        free = [{"claimed_by": {"$in": [None, by]}}, {"claimed_at": {"$lt": at - lease}}, {"claimed_at": {"$gt": at}}]
        document = await self._held.find_one_and_update(
            {"_id": message_id, "channel_id": channel_id, "$or": free},
            {"$set": {"decision": str(decision), "claimed_by": by, "claimed_at": at}},
        )
        if not document:
            await self.get(channel_id, message_id)
            raise held_message_claimed()
        return await self._read(document)

    async def remove(self, channel_id: str, message_id: str) -> None:
        await self._held.delete_one({"_id": message_id, "channel_id": channel_id})

    async def _read(self, document: Document) -> HeldMessage:
        [document] = await without_deleted_quotes(self._messages, [document])
        return from_document(HeldMessage, document, MESSAGE)


def _entry(document: Document) -> ModerationLogEntry:
    return from_document(ModerationLogEntry, document, _ENTRY)
