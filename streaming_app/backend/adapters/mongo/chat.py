"""The chat archive in MongoDB."""

from collections.abc import Sequence

from pymongo import ASCENDING, DESCENDING, UpdateOne

from streaming_app.backend.account_data.erased_messages import keys_of, without_erased
from streaming_app.backend.adapters.mongo.connection_errors import reporting_outages
from streaming_app.backend.adapters.mongo.documents import Collection, Database, Document, from_document, to_document
from streaming_app.backend.adapters.store_errors import no_such_message
from streaming_app.backend.chat.model import ERASED_USERNAME, ChatMessage
from streaming_app.backend.chat.ports import CLEAR_CHUNK

_SHOWN: Document = {"deleted_by.0": {"$exists": False}}

MESSAGE = {"message_id": "_id"}


@reporting_outages
class MongoChatArchive:
    """All chat messages. ``deleted_by`` lists the ids of the log entries that deleted a message."""

    def __init__(self, database: Database) -> None:
        self._messages = database["chat_messages"]
        self._erased = database["erased_accounts"]

    async def add(self, messages: Sequence[ChatMessage]) -> None:
        erased = await self._erased_among(keys_of(messages))
        kept = [kept for message in messages if (kept := without_erased(message, erased))]
        await self._insert(kept)
        late = await self._erased_among(keys_of(kept))
        if late:  # an account was deleted at the same time, maybe before its messages were inserted
            gone = [message.message_id for message in kept if without_erased(message, late) != message]
            await self._messages.delete_many({"_id": {"$in": gone}})
            await self._insert([left for message in kept if (left := without_erased(message, late))])

    async def _erased_among(self, keys: set[str]) -> set[str]:
        either = {"$or": [{"_id": {"$in": list(keys)}}, {"name_key": {"$in": list(keys)}}]}
        found = [document async for document in self._erased.find(either)]
        return {document[field] for document in found for field in ("_id", "name_key")} & keys

    async def _insert(self, messages: Sequence[ChatMessage]) -> None:
        # upserts ignore existing messages; ordered, so that concurrent readers see no temporary gaps
        upserts = [
            UpdateOne({"_id": document.pop("_id")}, {"$setOnInsert": document}, upsert=True)
            for document in [to_document(message, MESSAGE) for message in messages]
        ]
        if upserts:
            await self._messages.bulk_write(upserts, ordered=True)

    async def newest_position(self) -> int:
        newest = await self._messages.find_one({}, {"position": True}, sort=[("position", DESCENDING)])
        return newest["position"] if newest else 0

    async def recent(self, channel_id: str, limit: int) -> list[ChatMessage]:
        return await self._newest({"channel_id": channel_id, **_SHOWN}, limit)

    async def after(self, channel_id: str, position: int, limit: int) -> list[ChatMessage]:
        return await self._find({"channel_id": channel_id, "position": {"$gt": position}, **_SHOWN}, ASCENDING, limit)

    async def before(self, channel_id: str, position: int, limit: int) -> list[ChatMessage]:
        return await self._newest({"channel_id": channel_id, "position": {"$lt": position}, **_SHOWN}, limit)

    async def get(self, channel_id: str, message_id: str) -> ChatMessage:
        document = await self._messages.find_one({"_id": message_id, "channel_id": channel_id, **_SHOWN})
        if document is None:
            raise no_such_message()
        [document] = await without_deleted_quotes(self._messages, [document])
        return from_document(ChatMessage, document, MESSAGE)

    async def deleted_ids(self, channel_id: str, limit: int) -> list[str]:
        if not limit:
            return []  # MongoDB treats 0 as no limit
        newest = self._messages.find({"channel_id": channel_id}, {"deleted_by": True})
        newest = newest.sort([("position", DESCENDING), ("_id", DESCENDING)]).limit(limit)
        return [document["_id"] async for document in newest if document.get("deleted_by")]

    async def is_deleted(self, channel_id: str, message_id: str) -> bool:
        deleted: Document = {"_id": message_id, "channel_id": channel_id, "deleted_by.0": {"$exists": True}}
        return await self._messages.find_one(deleted, {"_id": True}) is not None

    async def delete(self, channel_id: str, entry_id: str, message_ids: Sequence[str]) -> None:
        await self._delete({"_id": {"$in": list(message_ids)}, "channel_id": channel_id}, entry_id)

    async def delete_all_by_user(self, channel_id: str, entry_id: str, user_id: str, until: int) -> None:
        theirs = {"channel_id": channel_id, "user_id": user_id}
        done = -1
        while done < until:
            left = self._messages.find({**theirs, "position": {"$gt": done, "$lte": until}}, {"position": True})
            ends = await left.sort([("position", ASCENDING)]).skip(CLEAR_CHUNK - 1).limit(1).to_list()
            end = int(ends[0]["position"]) if ends else until
            await self._delete({**theirs, "position": {"$gt": done, "$lte": end}}, entry_id)
            done = end

    async def deleted_by_entry(self, channel_id: str, entry_id: str, limit: int) -> list[ChatMessage]:
        return await self._newest({"channel_id": channel_id, "deleted_by": [entry_id]}, limit)

    async def restore(self, channel_id: str, entry_id: str) -> None:
        await self._messages.update_many(
            {"channel_id": channel_id, "deleted_by": entry_id}, {"$pull": {"deleted_by": entry_id}}
        )

    async def by_author(self, user_id: str, position: int, limit: int) -> list[ChatMessage]:
        return await self._find({"user_id": user_id, "position": {"$gt": position}}, ASCENDING, limit)

    async def erase_author(self, user_id: str, username: str) -> None:
        await self._erase({"user_id": user_id})
        erased = {"reply_to.username": ERASED_USERNAME, "reply_to.text": ""}
        await self._messages.update_many({"reply_to.username": username}, {"$set": erased})

    async def erase_channel(self, channel_id: str) -> None:
        await self._erase({"channel_id": channel_id})

    async def _erase(self, which: Document) -> None:
        while ids := [each["_id"] async for each in self._messages.find(which, {"_id": True}).limit(CLEAR_CHUNK)]:
            await self._messages.delete_many({"_id": {"$in": ids}})

    async def _delete(self, which: Document, entry_id: str) -> None:
        await self._messages.update_many(which, {"$addToSet": {"deleted_by": entry_id}})

    async def _newest(self, query: Document, limit: int) -> list[ChatMessage]:
        newest_first = await self._find(query, DESCENDING, limit)
        return newest_first[::-1]

    async def _find(self, query: Document, direction: int, limit: int) -> list[ChatMessage]:
        if not limit:
            return []  # MongoDB treats 0 as no limit
        found = self._messages.find(query).sort([("position", direction), ("_id", direction)]).limit(limit)
        return [
            from_document(ChatMessage, document, MESSAGE)
            for document in await without_deleted_quotes(self._messages, await found.to_list())
        ]


async def without_deleted_quotes(messages: Collection, documents: list[Document]) -> list[Document]:
    """Remove the text of deleted messages from ``reply_to`` in ``documents``."""
    quoted = {quote["message_id"] for document in documents if (quote := document.get("reply_to"))}
    if not quoted:
        return documents
    deleted = messages.find({"_id": {"$in": list(quoted)}, "deleted_by.0": {"$exists": True}}, {"_id": True})
    ids = {document["_id"] async for document in deleted}
    for document in documents:
        if (quote := document.get("reply_to")) and quote["message_id"] in ids:
            quote["text"] = ""
    return documents
