"""Avatars in MongoDB."""

from datetime import datetime

from streaming_app.backend.accounts.avatars import Avatar
from streaming_app.backend.adapters.mongo.connection_errors import reporting_outages
from streaming_app.backend.adapters.mongo.documents import Database, Document, to_document
from streaming_app.backend.adapters.store_errors import no_such_avatar


@reporting_outages
class MongoAvatars:
    """The pictures of all users."""

    def __init__(self, database: Database) -> None:
        self._avatars = database["avatars"]

    async def add(self, avatar: Avatar, picture: bytes) -> None:
        await self._avatars.insert_one(to_document(avatar, {"avatar_id": "_id"}) | {"picture": picture})

    async def picture(self, avatar_id: str) -> tuple[str, bytes]:
        document = await self._avatars.find_one({"_id": avatar_id})
        if document is None:
            raise no_such_avatar()
        return document["media_type"], document["picture"]

    async def remove(self, avatar_id: str) -> None:
        await self._avatars.delete_one({"_id": avatar_id})

    async def remove_all_of(self, user_id: str, *, keep: str = "", added_before: datetime | None = None) -> None:
        wanted: Document = {"user_id": user_id, "_id": {"$ne": keep}}
        if added_before:
            wanted["added_at"] = {"$lt": added_before}
        await self._avatars.delete_many(wanted)
