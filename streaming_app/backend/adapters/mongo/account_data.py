"""Deletion of accounts in MongoDB."""

import json
import re
from datetime import datetime

from pymongo import ASCENDING

from streaming_app.backend.account_data.model import ErasedId, Owner
from streaming_app.backend.account_data.owned_data import OwnedData
from streaming_app.backend.account_data.ports import BEGUN
from streaming_app.backend.accounts.model import User
from streaming_app.backend.adapters.mongo.connection_errors import reporting_outages
from streaming_app.backend.adapters.mongo.documents import Database, Document, from_document, to_document
from streaming_app.backend.adapters.store_errors import no_such_user
from streaming_app.backend.chat.model import ERASED_USERNAME

_ERASED = {"id_key": "_id"}


@reporting_outages
class MongoAccountDeletions:
    """Uses fields of the users and the channels."""

    def __init__(self, database: Database) -> None:
        self._users = database["users"]
        self._channels = database["channels"]
        self._erased = database["erased_accounts"]

    async def schedule(self, user_id: str, at: datetime) -> None:
        changed = await self._users.update_one(
            {"_id": user_id, "deletes_at": {"$ne": BEGUN}},
            {"$set": {"deletes_at": at}, "$inc": {"session_generation": 1}},
        )
        if not changed.matched_count:
            raise no_such_user()

    async def cancel(self, user_id: str, now: datetime) -> bool:
        scheduled = {"_id": user_id, "deletes_at": {"$gt": now}}
        return (await self._users.update_one(scheduled, {"$set": {"deletes_at": None}})).matched_count == 1

    async def begin(self, user_id: str, now: datetime) -> bool:
        due = {"_id": user_id, "deletes_at": {"$lte": now}}
        return (await self._users.update_one(due, {"$set": {"deletes_at": BEGUN}})).matched_count == 1

    async def leaving(self) -> list[User]:
        found = self._users.find({"deletes_at": {"$ne": None}})
        ordered = found.sort([("deletes_at", ASCENDING), ("_id", ASCENDING)])
        return [from_document(User, document, {"user_id": "_id"}) async for document in ordered]

    async def set_channel_hidden(self, owner_id: str, *, hidden: bool) -> str:
        channel = await self._channels.find_one({"owner_id": owner_id}, {"is_hidden": True})
        if channel is None:
            return ""
        if channel.get("is_hidden", False) != hidden:
            await self._channels.update_one({"owner_id": owner_id}, {"$set": {"is_hidden": hidden}})
        return str(channel["_id"])

    async def hidden_owners(self) -> list[str]:
        return [document["owner_id"] async for document in self._channels.find({"is_hidden": True})]

    async def add_erased(self, erased: ErasedId) -> None:
        document = to_document(erased, _ERASED)
        await self._erased.update_one({"_id": document.pop("_id")}, {"$setOnInsert": document}, upsert=True)

    async def release_names(self, before: datetime) -> None:
        await self._erased.update_many(
            {"name_key": {"$ne": ""}, "erased_at": {"$lt": before}}, {"$set": {"name_key": ""}}
        )


@reporting_outages
class MongoAccountRecords:
    """Deletes documents by the registry of owned data."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def erase_records(self, data: OwnedData, owner: Owner) -> None:
        for field, value in ((data.user, owner.user_id), (data.channel, owner.channel_id)):
            if field and value:  # a document of which each user or channel has only one has their id as its key
                await self._database[data.table].delete_many({"$or": [{field: value}, {"_id": value}]})

    async def erase_mentions(self, owner: Owner) -> None:
        pins, held, log = (self._database[name] for name in ("chat_pins", "held_messages", "moderation_log"))
        await pins.delete_many({"message.user_id": owner.user_id})
        await log.delete_many({"before": {"$regex": re.escape(json.dumps(owner.user_id))}})
        quoted: Document = {"reply_to.username": ERASED_USERNAME, "reply_to.text": ""}
        await held.update_many({"reply_to.username": owner.username}, {"$set": quoted})
        pinned = {f"message.{field}": value for field, value in quoted.items()}
        await pins.update_many({"message.reply_to.username": owner.username}, {"$set": pinned})
        unclaimed = {"decision": None, "claimed_by": None, "claimed_at": None}
        await held.update_many({"claimed_by": owner.user_id}, {"$set": unclaimed})
        names = ("audit_log", "stream_blocks", "invitations", "reports")
        audit, blocks, invitations, reports = (self._database[name] for name in names)
        await reports.update_many({"claimed_by": owner.username}, {"$set": {"claimed_by": None, "claimed_at": None}})
        await invitations.update_many({}, {"$pull": {"claims": {"user_id": owner.user_id}}})
        for role in ("actor", "target"):
            hidden = {role: ERASED_USERNAME, f"{role}_id": "", f"{role}_key": ERASED_USERNAME}
            await audit.update_many({f"{role}_id": owner.user_id}, {"$set": hidden | {"address": "", "details": ""}})
        for collection, field in (
            (log, "by"),
            (log, "undone_by"),
            (self._database["chat_bans"], "by"),
            (blocks, "blocked_by"),
            (invitations, "created_by"),
            (reports, "resolved_by"),
            (self._database["streamer_requests"], "decided_by"),
        ):
            await collection.update_many({field: owner.username}, {"$set": {field: ERASED_USERNAME}})

    async def has_recordings(self, channel_id: str) -> bool:
        return await self._database["recordings"].find_one({"channel_id": channel_id}) is not None

    async def remove_account(self, owner: Owner) -> None:
        await self._database["channels"].delete_one({"owner_id": owner.user_id})
        await self._database["users"].delete_one({"_id": owner.user_id})
