"""Followers in SQLite."""

from datetime import datetime

from streaming_app.backend.adapters.sqlite.database import Database
from streaming_app.backend.adapters.sqlite.rows import from_row, row_before, to_milliseconds
from streaming_app.backend.chat.model import Follow, Following


class SqliteFollows:
    """The followers of each channel."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def follow(self, channel_id: str, user_id: str, at: datetime) -> bool:
        insert = "INSERT INTO follows VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        return await self._database.write(insert, (channel_id, user_id, to_milliseconds(at))) == 1

    async def unfollow(self, channel_id: str, user_id: str) -> bool:
        change = "DELETE FROM follows WHERE channel_id = ? AND user_id = ?"
        return await self._database.write(change, (channel_id, user_id)) == 1

    async def following(self, channel_id: str, user_id: str) -> Following:
        query = (
            "SELECT count(*) AS followers, EXISTS ("
            "SELECT 1 FROM follows WHERE channel_id = :channel_id AND user_id = :user_id"
            ") AS is_following FROM follows WHERE channel_id = :channel_id"
        )
        [row] = await self._database.rows(query, {"channel_id": channel_id, "user_id": user_id})
        return Following(row["followers"], bool(row["is_following"]))

    async def list_by_user(self, user_id: str, limit: int, before: tuple[datetime, str] | None = None) -> list[Follow]:
        query = (
            "SELECT * FROM follows WHERE user_id = ? AND (followed_at, channel_id) < (?, ?)"
            " ORDER BY followed_at DESC, channel_id DESC LIMIT ?"
        )
        rows = await self._database.rows(query, (user_id, *row_before(before), limit))
        return [from_row(Follow, row) for row in rows]
