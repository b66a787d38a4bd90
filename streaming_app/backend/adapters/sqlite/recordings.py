"""Recordings in SQLite."""

import json
import sqlite3
from collections.abc import Collection
from datetime import datetime

from streaming_app.backend.adapters.sqlite.database import Database, to_instant, to_milliseconds
from streaming_app.backend.adapters.unique import no_such_recording, recording_exists
from streaming_app.backend.media.recordings.model import Recording, Shortage


class SqliteRecordings:
    """All recordings. What a change expects is in its ``WHERE``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, recording: Recording) -> None:
        insert = (
            "INSERT INTO recordings VALUES (:recording_id, :channel_id, :title, :category, :started_at, :seconds,"
            " :size, :shortage, :ended_at) ON CONFLICT (recording_id) DO NOTHING"
        )
        if not await self._database.write(insert, _row(recording)):
            raise recording_exists()

    async def get(self, recording_id: str) -> Recording:
        found = await self._find("WHERE recording_id = ?", recording_id)
        if not found:
            raise no_such_recording()
        return found[0]

    async def of_channel(self, channel_id: str, limit: int) -> list[Recording]:
        return await self._find(
            "WHERE channel_id = ? ORDER BY started_at DESC, recording_id LIMIT ?", channel_id, limit
        )

    async def oldest(self, channel_id: str, limit: int) -> list[Recording]:
        return await self._find(
            "WHERE channel_id = ? AND ended_at IS NOT NULL ORDER BY started_at, recording_id LIMIT ?", channel_id, limit
        )

    async def unfinished(self) -> list[Recording]:
        return await self._find("WHERE ended_at IS NULL")

    async def ended_before(self, instant: datetime, limit: int) -> list[Recording]:
        return await self._find("WHERE ended_at < ? ORDER BY ended_at LIMIT ?", to_milliseconds(instant), limit)

    async def existing(self, recording_ids: Collection[str]) -> set[str]:
        query = "SELECT recording_id FROM recordings WHERE recording_id IN (SELECT value FROM json_each(?))"
        return {row[0] for row in await self._database.rows(query, (json.dumps(list(recording_ids)),))}

    async def usage(self, channel_id: str) -> int:
        query = "SELECT coalesce(sum(size), 0) FROM recordings WHERE channel_id = ?"
        [(used,)] = await self._database.rows(query, (channel_id,))
        return int(used)

    async def update(self, recording: Recording) -> bool:
        change = (
            "UPDATE recordings SET title = :title, category = :category, seconds = :seconds, size = :size,"
            " shortage = :shortage, ended_at = :ended_at WHERE recording_id = :recording_id AND ended_at IS NULL"
        )
        return await self._database.write(change, _row(recording)) == 1

    async def remove(self, recording_id: str) -> bool:
        return await self._database.write("DELETE FROM recordings WHERE recording_id = ?", (recording_id,)) == 1

    async def _find(self, which: str, *parameters: object) -> list[Recording]:
        return [_recording(row) for row in await self._database.rows(f"SELECT * FROM recordings {which}", parameters)]  # noqa: S608


def _row(recording: Recording) -> dict[str, object]:
    return {
        "recording_id": recording.recording_id,
        "channel_id": recording.channel_id,
        "title": recording.title,
        "category": recording.category,
        "started_at": to_milliseconds(recording.started_at),
        "seconds": recording.seconds,
        "size": recording.size,
        "shortage": recording.shortage,
        "ended_at": to_milliseconds(recording.ended_at) if recording.ended_at else None,
    }


def _recording(row: sqlite3.Row) -> Recording:
    return Recording(
        recording_id=row["recording_id"],
        channel_id=row["channel_id"],
        title=row["title"],
        category=row["category"],
        started_at=to_instant(row["started_at"]),
        seconds=row["seconds"],
        size=row["size"],
        shortage=Shortage(row["shortage"]),
        ended_at=None if row["ended_at"] is None else to_instant(row["ended_at"]),
    )
