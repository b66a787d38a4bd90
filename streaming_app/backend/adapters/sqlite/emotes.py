"""Emotes in SQLite."""

import sqlite3

from streaming_app.backend.adapters.case_folding import fold_case
from streaming_app.backend.adapters.sqlite.database import Database, to_instant, to_milliseconds
from streaming_app.backend.adapters.store_errors import emote_name_taken, no_such_emote
from streaming_app.backend.chat.model import Emote


class SqliteEmotes:
    """The emotes of all channels, with their pictures."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, emote: Emote, picture: bytes) -> None:
        insert = (
            "INSERT INTO emotes VALUES (:emote_id, :channel_id, :name, :name_key, :media_type, :width, :height,"
            " :added_at, :picture) ON CONFLICT (channel_id, name_key) DO NOTHING"
        )
        if not await self._database.write(insert, _row(emote) | {"picture": picture}):
            raise emote_name_taken()

    async def of(self, channel_id: str) -> list[Emote]:
        query = (
            "SELECT emote_id, channel_id, name, media_type, width, height, added_at FROM emotes"
            " WHERE channel_id = ? ORDER BY name_key"
        )
        return [_emote(row) for row in await self._database.rows(query, (channel_id,))]

    async def picture(self, channel_id: str, emote_id: str) -> tuple[str, bytes]:
        query = "SELECT media_type, picture FROM emotes WHERE emote_id = ? AND channel_id = ?"
        rows = await self._database.rows(query, (emote_id, channel_id))
        if not rows:
            raise no_such_emote()
        return rows[0]["media_type"], rows[0]["picture"]

    async def remove(self, channel_id: str, emote_id: str) -> Emote | None:
        remove = "DELETE FROM emotes WHERE emote_id = ? AND channel_id = ? RETURNING *"
        row = await self._database.take(remove, (emote_id, channel_id))
        return _emote(row) if row else None


def _row(emote: Emote) -> dict[str, object]:
    return {
        "emote_id": emote.emote_id,
        "channel_id": emote.channel_id,
        "name": emote.name,
        "name_key": fold_case(emote.name),
        "media_type": emote.media_type,
        "width": emote.width,
        "height": emote.height,
        "added_at": to_milliseconds(emote.added_at),
    }


def _emote(row: sqlite3.Row) -> Emote:
    return Emote(
        emote_id=row["emote_id"],
        channel_id=row["channel_id"],
        name=row["name"],
        media_type=row["media_type"],
        width=row["width"],
        height=row["height"],
        added_at=to_instant(row["added_at"]),
    )
