"""Followers in MongoDB."""

import asyncio
from datetime import datetime

from pymongo.errors import DuplicateKeyError

from streaming_app.backend.adapters.mongo.connection_errors import reporting_outages
from streaming_app.backend.adapters.mongo.documents import Database
from streaming_app.backend.chat.model import Following


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

    async def following(self, channel_id: str, user_id: str) -> Following:
        followers, follow = await asyncio.gather(
            self._follows.count_documents({"channel_id": channel_id}),
            self._follows.find_one({"channel_id": channel_id, "user_id": user_id}),
        )
        return Following(followers, is_following=follow is not None)
