"""Recordings in MongoDB."""

from datetime import datetime

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from streaming_app.backend.adapters.mongo.connection_errors import reporting_outages
from streaming_app.backend.adapters.mongo.documents import Database, Document, from_document, newest_before, to_document
from streaming_app.backend.adapters.store_errors import no_such_recording, recording_exists
from streaming_app.backend.media.recordings.model import Recording

_THERE: Document = {"is_removed": {"$ne": True}}

_NAMES = {"recording_id": "_id", "gap_reason": "shortage"}


@reporting_outages
class MongoRecordings:
    """All recordings. Updates filter by the expected state."""

    def __init__(self, database: Database) -> None:
        self._recordings = database["recordings"]
        self._channels = database["channels"]
        self._users = database["users"]

    async def add(self, recording: Recording) -> None:
        try:
            await self._recordings.insert_one(to_document(recording, _NAMES) | {"is_removed": False})
        except DuplicateKeyError:
            raise recording_exists() from None

    async def get(self, recording_id: str) -> Recording:
        document = await self._recordings.find_one({"_id": recording_id, **_THERE})
        if document is None:
            raise no_such_recording()
        return from_document(Recording, document, _NAMES)

    async def of_channel(
        self, channel_id: str, limit: int, before: tuple[datetime, str] | None = None
    ) -> list[Recording]:
        if not limit:
            return []  # MongoDB treats 0 as no limit
        found = self._recordings.find({"channel_id": channel_id, **_THERE, **newest_before("started_at", before)})
        found = found.sort([("started_at", DESCENDING), ("_id", DESCENDING)]).limit(limit)
        return [from_document(Recording, document, _NAMES) async for document in found]

    async def shown_of_channel(
        self, channel_id: str, limit: int, before: tuple[datetime, str] | None = None
    ) -> list[Recording]:
        shown = {"_id": channel_id, "is_hidden": {"$ne": True}}
        channel = await self._channels.find_one(shown, {"owner_id": True})
        owner = {"_id": channel["owner_id"], "banned": {"$ne": True}} if channel else None
        if owner is None or await self._users.find_one(owner, {"_id": True}) is None:
            return []
        return await self.of_channel(channel_id, limit, before)

    async def oldest(self, channel_id: str, limit: int) -> list[Recording]:
        ended = {"channel_id": channel_id, "ended_at": {"$ne": None}, **_THERE}
        return await self._find(ended, ("started_at", ASCENDING), limit)

    async def unfinished(self) -> list[Recording]:
        return [
            from_document(Recording, document, _NAMES)
            async for document in self._recordings.find({"ended_at": None, **_THERE})
        ]

    async def ended_before(self, instant: datetime, limit: int) -> list[Recording]:
        return await self._find({"ended_at": {"$lt": instant}, **_THERE}, ("ended_at", ASCENDING), limit)

    async def usage(self, channel_id: str) -> int:
        sizes = self._recordings.find({"channel_id": channel_id, **_THERE}, {"size": True})
        return sum([int(document["size"]) async for document in sizes])

    async def update(self, recording: Recording) -> bool:
        fields = to_document(recording, _NAMES)
        for fixed in ("_id", "channel_id", "started_at"):
            del fields[fixed]
        changed = await self._recordings.update_one(
            {"_id": recording.recording_id, "ended_at": None, **_THERE}, {"$set": fields}
        )
        return changed.matched_count == 1

    async def remove(self, recording_id: str) -> bool:
        there = {"_id": recording_id, **_THERE}
        return (await self._recordings.update_one(there, {"$set": {"is_removed": True}})).matched_count == 1

    async def removed(self, limit: int) -> list[str]:
        found = self._recordings.find({"is_removed": True}, {"_id": True}).limit(limit)
        return [document["_id"] async for document in found]

    async def hidden(self) -> set[str]:
        suspended = [document["_id"] async for document in self._users.find({"banned": True}, {"_id": True})]
        which = {"$or": [{"is_hidden": True}, {"owner_id": {"$in": suspended}}]}
        channels = [document["_id"] async for document in self._channels.find(which, {"_id": True})]
        recordings = self._recordings.find({"channel_id": {"$in": channels}}, {"_id": True})
        return {*channels, *[document["_id"] async for document in recordings]}

    async def forget(self, recording_id: str) -> None:
        await self._recordings.delete_one({"_id": recording_id, "is_removed": True})

    async def _find(self, query: Document, order: tuple[str, int], limit: int) -> list[Recording]:
        if not limit:
            return []  # MongoDB treats 0 as no limit
        found = self._recordings.find(query).sort([order, ("_id", ASCENDING)]).limit(limit)
        return [from_document(Recording, document, _NAMES) async for document in found]
