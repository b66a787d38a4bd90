"""API tokens in SQLite."""

import sqlite3

from streaming_app.backend.accounts.model import ApiToken
from streaming_app.backend.adapters.sqlite.database import Database, to_instant, to_milliseconds
from streaming_app.backend.adapters.store_errors import no_such_token


class SqliteApiTokens:
    """All valid API tokens."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, token: ApiToken) -> None:
        row = (token.token_id, token.user_id, token.name, token.token_hash, to_milliseconds(token.created_at))
        await self._database.write("INSERT INTO api_tokens VALUES (?, ?, ?, ?, ?)", row)

    async def get_by_hash(self, token_hash: str) -> ApiToken:
        rows = await self._database.rows("SELECT * FROM api_tokens WHERE token_hash = ?", (token_hash,))
        if not rows:
            raise no_such_token()
        return _token(rows[0])

    async def list_by_user(self, user_id: str) -> list[ApiToken]:
        query = "SELECT * FROM api_tokens WHERE user_id = ? ORDER BY created_at DESC, token_id DESC"
        return [_token(row) for row in await self._database.rows(query, (user_id,))]

    async def remove(self, user_id: str, token_id: str) -> None:
        await self._database.write("DELETE FROM api_tokens WHERE token_id = ? AND user_id = ?", (token_id, user_id))


def _token(row: sqlite3.Row) -> ApiToken:
    return ApiToken(row["token_id"], row["user_id"], row["name"], row["token_hash"], to_instant(row["created_at"]))
