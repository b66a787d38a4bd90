"""Rules, moderators, bans and pinned messages in MongoDB."""

import asyncio
from datetime import datetime, timedelta

from pydantic import TypeAdapter
from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from streaming_app.backend.adapters.case_folding import fold_case
from streaming_app.backend.adapters.mongo.chat import MESSAGE
from streaming_app.backend.adapters.mongo.connection_errors import reporting_outages
from streaming_app.backend.adapters.mongo.documents import Collection, Database, Document, from_document, to_document
from streaming_app.backend.adapters.mongo.streams import SHOWN
from streaming_app.backend.adapters.store_errors import no_such_channel
from streaming_app.backend.chat.model import Ban, ChatMessage, ChatRules, Chatter, MembershipStatus
from streaming_app.backend.clock_changes import CLOCKS_AGREE

_RULES = TypeAdapter(ChatRules)


@reporting_outages
class MongoChatSettings:
    """Uses a collection for each kind of data. Data about a chatter is unique by channel and user."""

    def __init__(self, database: Database) -> None:
        self._channels = database["channels"]
        self._rules = database["chat_rules"]
        self._pins = database["chat_pins"]
        self._moderators = database["chat_moderators"]
        self._bans = database["chat_bans"]
        self._pacer = database["chat_turns"]
        self._follows = database["follows"]

    async def membership_status(self, channel_id: str, user_id: str) -> MembershipStatus:
        theirs = {"channel_id": channel_id, "user_id": user_id}
        stages = [
            {"$match": {"_id": channel_id, **SHOWN}},
            {"$project": {"owner_id": True}},
            _read_also(self._rules, {"_id": channel_id}),
            *(_read_also(collection, theirs) for collection in (self._moderators, self._bans, self._follows)),
        ]
        # one request, because each message needs it
        found = await self._channels.aggregate(stages).to_list(1)
        if not found:
            return MembershipStatus(ChatRules(), is_moderator=False, ban=None, followed_at=None)
        [rules], [moderator], [ban], [follow] = (
            found[0][each.name] or [None] for each in (self._rules, self._moderators, self._bans, self._follows)
        )
        return MembershipStatus(
            rules=_rules(rules),
            is_moderator=moderator is not None,
            ban=from_document(Ban, ban) if ban else None,
            followed_at=follow["followed_at"] if follow else None,
            rules_version=_version(rules),
            owner_id=found[0]["owner_id"],
        )

    async def rules_and_pinned(self, channel_id: str) -> tuple[ChatRules, ChatMessage | None]:
        channel, rules, pinned = await asyncio.gather(
            self._channels.find_one({"_id": channel_id, **SHOWN}, {"_id": True}),
            self._rules.find_one({"_id": channel_id}),
            self.pinned(channel_id),
        )
        if channel is None:
            raise no_such_channel()
        return _rules(rules), pinned

    async def set_rules(self, channel_id: str, rules: ChatRules, expected_version: int) -> bool:
        document = {"rules": _RULES.dump_python(rules, mode="json"), "version": expected_version + 1}
        if not expected_version:
            return await _is_inserted(self._rules, {"_id": channel_id, **document})
        replaced = {"_id": channel_id, "version": expected_version}
        changed = await self._rules.update_one(replaced, {"$set": document})
        return changed.matched_count == 1

    async def pinned(self, channel_id: str) -> ChatMessage | None:
        document = await self._pins.find_one({"_id": channel_id})
        return from_document(ChatMessage, document["message"], MESSAGE) if document else None

    async def set_pinned(self, channel_id: str, message: ChatMessage | None, expected_id: str) -> bool:
        replaced = {"_id": channel_id, "message._id": expected_id}
        if message is None:
            if not expected_id:
                return await self.pinned(channel_id) is None
            return (await self._pins.delete_one(replaced)).deleted_count == 1
        document = {"message": to_document(message, MESSAGE)}
        if not expected_id:
            return await _is_inserted(self._pins, {"_id": channel_id, **document})
        return (await self._pins.update_one(replaced, {"$set": document})).matched_count == 1

    async def moderators(self, channel_id: str) -> list[Chatter]:
        found = self._moderators.find({"channel_id": channel_id}).sort([("username_key", ASCENDING)])
        return [Chatter(document["user_id"], document["username"]) async for document in found]

    async def add_moderator(self, channel_id: str, chatter: Chatter) -> bool:
        document = {
            "channel_id": channel_id,
            "user_id": chatter.user_id,
            "username": chatter.username,
            "username_key": fold_case(chatter.username),
        }
        return await _is_inserted(self._moderators, document)

    async def remove_moderator(self, channel_id: str, user_id: str) -> bool:
        removed = await self._moderators.delete_one({"channel_id": channel_id, "user_id": user_id})
        return removed.deleted_count == 1

    async def bans(self, channel_id: str, now: datetime, limit: int) -> list[Ban]:
        if not limit:
            return []  # MongoDB treats 0 as no limit
        holding = {"channel_id": channel_id, "$or": [{"until": None}, {"until": {"$gt": now}}]}
        found = self._bans.find(holding).sort([("since", DESCENDING), ("user_id", ASCENDING)]).limit(limit)
        return [from_document(Ban, document) async for document in found]

    async def set_ban(self, ban: Ban) -> None:
        theirs = {"channel_id": ban.channel_id, "user_id": ban.user_id}
        try:
            await self._bans.replace_one(theirs, to_document(ban), upsert=True)
        except DuplicateKeyError:
            # another ban was inserted concurrently; now it can be replaced
            await self._bans.replace_one(theirs, to_document(ban), upsert=True)

    async def lift_ban(self, channel_id: str, user_id: str, since: datetime) -> bool:
        lifted = await self._bans.delete_one({"channel_id": channel_id, "user_id": user_id, "since": since})
        return lifted.deleted_count == 1

    async def take_slow_mode_turn(
        self, channel_id: str, user_id: str, message_id: str, now: datetime, interval: timedelta
    ) -> timedelta:
        theirs = {"channel_id": channel_id, "user_id": user_id}
        rested = {**theirs, "$or": [{"taken_at": {"$lte": now - interval}}, {"taken_at": {"$gt": now + CLOCKS_AGREE}}]}
        try:
            await self._pacer.update_one(rested, {"$set": {"taken_at": now, "message_id": message_id}}, upsert=True)
        except DuplicateKeyError:
            # the last turn is too recent to match, and the key is unique
            last = await self._pacer.find_one(theirs)
            if last is None:
                return interval
            if last.get("message_id") != message_id:
                return last["taken_at"] + interval - now
        return timedelta(0)

    async def release_slow_mode_turn(self, channel_id: str, user_id: str, message_id: str) -> None:
        await self._pacer.delete_one({"channel_id": channel_id, "user_id": user_id, "message_id": message_id})


async def _is_inserted(collection: Collection, document: Document) -> bool:
    """Insert a document. Returns ``False`` if its key exists."""
    try:
        await collection.insert_one(document)
    except DuplicateKeyError:
        return False
    return True


def _read_also(collection: Collection, query: Document) -> Document:
    """Return the stage that adds what ``query`` finds in another collection, as a list with the collection's name."""
    return {"$lookup": {"from": collection.name, "pipeline": [{"$match": query}], "as": collection.name}}


def _version(document: Document | None) -> int:
    """Return the version of stored rules; 0 if there are none."""
    return int(document["version"]) if document else 0


def _rules(document: Document | None) -> ChatRules:
    return _RULES.validate_python(document["rules"]) if document else ChatRules()
