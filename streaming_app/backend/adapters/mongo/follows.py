"""Followers in MongoDB."""

from datetime import datetime

from pymongo.errors import DuplicateKeyError

from streaming_app.backend.adapters.mongo.documents import Database
from streaming_app.backend.adapters.mongo.outages import reporting_outages


@reporting_outages
class MongoFollows:
    """The followers of each channel."""

    def __init__(self, database: Database) -> None:
        self._follows = database["follows"]

    async def follow(self, channel_id: str, user_id: str, at: datetime) -> bool:
        try:
            await self._follows.insert_one({"channel_id": channel_id, "user_id": user_id, "followed_at": at})
        except DuplicateKeyError:
            return False
        return True

    async def unfollow(self, channel_id: str, user_id: str) -> bool:
        removed = await self._follows.delete_one({"channel_id": channel_id, "user_id": user_id})
        return removed.deleted_count == 1

    async def follows(self, channel_id: str, user_id: str) -> bool:
        return await self._follows.find_one({"channel_id": channel_id, "user_id": user_id}) is not None

    async def count(self, channel_id: str) -> int:
        return await self._follows.count_documents({"channel_id": channel_id})
