"""Avatars in SQLite."""

from datetime import datetime

from streaming_app.backend.accounts.avatars import Avatar
from streaming_app.backend.adapters.sqlite.database import Database
from streaming_app.backend.adapters.sqlite.rows import insert_into, to_milliseconds, to_row
from streaming_app.backend.adapters.store_errors import no_such_avatar


class SqliteAvatars:
    """The pictures of all users."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, avatar: Avatar, picture: bytes) -> None:
        row = to_row(avatar) | {"picture": picture}
        await self._database.write(insert_into("avatars", row), row)

    async def picture(self, avatar_id: str) -> tuple[str, bytes]:
        rows = await self._database.rows("SELECT media_type, picture FROM avatars WHERE avatar_id = ?", (avatar_id,))
        if not rows:
            raise no_such_avatar()
        return rows[0]["media_type"], rows[0]["picture"]

    async def remove(self, avatar_id: str) -> None:
        await self._database.write("DELETE FROM avatars WHERE avatar_id = ?", (avatar_id,))

    async def remove_all_of(self, user_id: str, *, keep: str = "", added_before: datetime | None = None) -> None:
        query = (
            "DELETE FROM avatars WHERE user_id = :user_id AND avatar_id <> :keep"
            " AND (:before IS NULL OR added_at < :before)"
        )
        before = to_milliseconds(added_before) if added_before else None
        await self._database.write(query, {"user_id": user_id, "keep": keep, "before": before})
