"""Emotes in SQLite."""

from streaming_app.backend.adapters.case_folding import fold_case
from streaming_app.backend.adapters.sqlite.database import Database
from streaming_app.backend.adapters.sqlite.rows import from_row, insert_into, to_row
from streaming_app.backend.adapters.store_errors import emote_name_taken, no_such_emote
from streaming_app.backend.chat.model import Emote


class SqliteEmotes:
    """The emotes of all channels, with their pictures."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, emote: Emote, picture: bytes) -> None:
        row = to_row(emote) | {"name_key": fold_case(emote.name), "picture": picture}
        insert = f"{insert_into('emotes', row)} ON CONFLICT (channel_id, name_key) DO NOTHING"
        if not await self._database.write(insert, row):
            raise emote_name_taken()

    async def of(self, channel_id: str) -> list[Emote]:
        query = (
            "SELECT emote_id, channel_id, name, media_type, width, height, added_at FROM emotes"
            " WHERE channel_id = ? ORDER BY name_key"
        )
        return [from_row(Emote, row) for row in await self._database.rows(query, (channel_id,))]

    async def picture(self, channel_id: str, emote_id: str) -> tuple[str, bytes]:
        query = "SELECT media_type, picture FROM emotes WHERE emote_id = ? AND channel_id = ?"
        rows = await self._database.rows(query, (emote_id, channel_id))
        if not rows:
            raise no_such_emote()
        return rows[0]["media_type"], rows[0]["picture"]

    async def remove(self, channel_id: str, emote_id: str) -> bool:
        remove = "DELETE FROM emotes WHERE emote_id = ? AND channel_id = ?"
        return await self._database.write(remove, (emote_id, channel_id)) == 1
