"""Requests to stream in SQLite."""

from streaming_app.backend.adapters.sqlite.database import Database
from streaming_app.backend.adapters.sqlite.rows import from_row, insert_into, to_row
from streaming_app.backend.streams.streamer_requests import RequestStatus, StreamerRequest


class SqliteStreamerRequests:
    """All requests to stream."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ask(self, request: StreamerRequest) -> bool:
        row = to_row(request)
        changes = ", ".join(f"{column} = :{column}" for column in row)
        change = (
            f"{insert_into('streamer_requests', row)} ON CONFLICT (user_id) DO UPDATE SET {changes}"
            " WHERE streamer_requests.status = 'refused'"
        )
        return await self._database.write(change, row) == 1

    async def put(self, request: StreamerRequest) -> None:
        row = to_row(request)
        await self._database.write(insert_into("streamer_requests", row, "REPLACE"), row)

    async def of(self, user_id: str) -> StreamerRequest | None:
        rows = await self._database.rows("SELECT * FROM streamer_requests WHERE user_id = ?", (user_id,))
        return from_row(StreamerRequest, rows[0]) if rows else None

    async def with_status(self, status: RequestStatus, limit: int) -> list[StreamerRequest]:
        query = "SELECT * FROM streamer_requests WHERE status = ? ORDER BY requested_at, user_id LIMIT ?"
        return [from_row(StreamerRequest, row) for row in await self._database.rows(query, (status, limit))]
