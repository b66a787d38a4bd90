"""Blocked channels in SQLite."""

from streaming_app.backend.adapters.sqlite.database import Database
from streaming_app.backend.adapters.sqlite.rows import from_row, insert_into, to_row
from streaming_app.backend.streams.stream_blocks import StreamBlock


class SqliteStreamBlocks:
    """All blocks of channels."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, block: StreamBlock) -> None:
        row = to_row(block)
        await self._database.write(insert_into("stream_blocks", row, "REPLACE"), row)

    async def of(self, channel_id: str) -> list[StreamBlock]:
        rows = await self._database.rows("SELECT * FROM stream_blocks WHERE channel_id = ?", (channel_id,))
        return [from_row(StreamBlock, row) for row in rows]

    async def newest(self, limit: int) -> list[StreamBlock]:
        query = "SELECT * FROM stream_blocks ORDER BY since DESC, channel_id LIMIT ?"
        return [from_row(StreamBlock, row) for row in await self._database.rows(query, (limit,))]

    async def remove(self, channel_id: str) -> None:
        await self._database.write("DELETE FROM stream_blocks WHERE channel_id = ?", (channel_id,))
