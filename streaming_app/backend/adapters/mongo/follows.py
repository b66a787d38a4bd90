"""Followers in MongoDB."""

import asyncio
from datetime import datetime

from pymongo import DESCENDING
from pymongo.errors import DuplicateKeyError

from streaming_app.backend.adapters.mongo.connection_errors import reporting_outages
from streaming_app.backend.adapters.mongo.documents import Database, from_document, newest_before
from streaming_app.backend.chat.model import Follow, Following


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

    async def list_by_user(self, user_id: str, limit: int, before: tuple[datetime, str] | None = None) -> list[Follow]:
        if not limit:
            return []  # MongoDB treats 0 as no limit
        found = self._follows.find({"user_id": user_id, **newest_before("followed_at", before, "channel_id")})
        found = found.sort([("followed_at", DESCENDING), ("channel_id", DESCENDING)]).limit(limit)
        return [from_document(Follow, document) async for document in found]
