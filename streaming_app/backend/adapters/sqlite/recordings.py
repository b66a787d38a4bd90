"""Recordings in SQLite."""

from datetime import datetime

from streaming_app.backend.adapters.sqlite.database import Database
from streaming_app.backend.adapters.sqlite.rows import from_row, insert_into, row_before, to_milliseconds, to_row
from streaming_app.backend.adapters.store_errors import no_such_recording, recording_exists
from streaming_app.backend.media.recordings.model import Recording

_COLUMNS = {"gap_reason": "shortage"}
_HIDDEN = """
WITH hidden AS (
    SELECT channel_id FROM channels WHERE is_hidden
    UNION SELECT channel_id FROM users JOIN channels ON owner_id = user_id WHERE banned
)
SELECT channel_id FROM hidden UNION SELECT recording_id FROM recordings JOIN hidden USING (channel_id)
"""
_SHOWN = "SELECT channel_id FROM channels JOIN users ON user_id = owner_id WHERE NOT is_hidden AND NOT banned"


class SqliteRecordings:
    """All recordings. Updates check the expected state in their ``WHERE`` clause."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, recording: Recording) -> None:
        row = to_row(recording, _COLUMNS)
        insert = f"{insert_into('recordings', row)} ON CONFLICT (recording_id) DO NOTHING"
        if not await self._database.write(insert, row):
            raise recording_exists()

    async def get(self, recording_id: str) -> Recording:
        found = await self._find("recording_id = ?", recording_id)
        if not found:
            raise no_such_recording()
        return found[0]

    async def of_channel(
        self, channel_id: str, limit: int, before: tuple[datetime, str] | None = None
    ) -> list[Recording]:
        return await self._newest("channel_id = ?", channel_id, limit, before)

    async def shown_of_channel(
        self, channel_id: str, limit: int, before: tuple[datetime, str] | None = None
    ) -> list[Recording]:
        return await self._newest(f"channel_id = ? AND channel_id IN ({_SHOWN})", channel_id, limit, before)

    async def oldest(self, channel_id: str, limit: int) -> list[Recording]:
        return await self._find(
            "channel_id = ? AND ended_at IS NOT NULL ORDER BY started_at, recording_id LIMIT ?", channel_id, limit
        )

    async def unfinished(self) -> list[Recording]:
        return await self._find("ended_at IS NULL")

    async def ended_before(self, instant: datetime, limit: int) -> list[Recording]:
        return await self._find("ended_at < ? ORDER BY ended_at LIMIT ?", to_milliseconds(instant), limit)

    async def usage(self, channel_id: str) -> int:
        query = "SELECT coalesce(sum(size), 0) FROM recordings WHERE channel_id = ? AND NOT is_removed"
        [(used,)] = await self._database.rows(query, (channel_id,))
        return int(used)

    async def update(self, recording: Recording) -> bool:
        change = (
            "UPDATE recordings SET title = :title, category = :category, seconds = :seconds, size = :size,"
            " shortage = :shortage, ended_at = :ended_at WHERE recording_id = :recording_id AND ended_at IS NULL"
            " AND NOT is_removed"
        )
        return await self._database.write(change, to_row(recording, _COLUMNS)) == 1

    async def remove(self, recording_id: str) -> bool:
        change = "UPDATE recordings SET is_removed = TRUE WHERE recording_id = ? AND NOT is_removed"
        return await self._database.write(change, (recording_id,)) == 1

    async def removed(self, limit: int) -> list[str]:
        query = "SELECT recording_id FROM recordings WHERE is_removed LIMIT ?"
        return [row[0] for row in await self._database.rows(query, (limit,))]

    async def hidden(self) -> set[str]:
        return {row[0] for row in await self._database.rows(_HIDDEN)}

    async def forget(self, recording_id: str) -> None:
        await self._database.write("DELETE FROM recordings WHERE recording_id = ? AND is_removed", (recording_id,))

    async def _newest(
        self, which: str, channel_id: str, limit: int, before: tuple[datetime, str] | None
    ) -> list[Recording]:
        return await self._find(
            f"{which} AND (started_at, recording_id) < (?, ?) ORDER BY started_at DESC, recording_id DESC LIMIT ?",
            channel_id,
            *row_before(before),
            limit,
        )

    async def _find(self, which: str, *parameters: object) -> list[Recording]:
        query = f"SELECT * FROM recordings WHERE NOT is_removed AND {which}"  # noqa: S608 - constants of this module
        return [from_row(Recording, row, _COLUMNS) for row in await self._database.rows(query, parameters)]
