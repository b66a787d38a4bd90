"""API tokens in SQLite."""

from datetime import datetime

from streaming_app.backend.accounts.model import ApiToken
from streaming_app.backend.adapters.sqlite.database import Database
from streaming_app.backend.adapters.sqlite.rows import from_row, to_milliseconds, to_row
from streaming_app.backend.adapters.store_errors import no_such_token


class SqliteApiTokens:
    """All valid API tokens."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, token: ApiToken, most: int) -> bool:
        row = to_row(token)
        values = ", ".join(f":{column}" for column in row)
        insert = (
            f"INSERT INTO api_tokens ({', '.join(row)}) SELECT {values}"  # noqa: S608 - field names
            " WHERE (SELECT count(*) FROM api_tokens WHERE user_id = :user_id) < :most"
        )
        return await self._database.write(insert, row | {"most": most}) == 1

    async def get_by_hash(self, token_hash: str) -> ApiToken:
        rows = await self._database.rows("SELECT * FROM api_tokens WHERE token_hash = ?", (token_hash,))
        if not rows:
            raise no_such_token()
        return from_row(ApiToken, rows[0])

    async def list_by_user(self, user_id: str) -> list[ApiToken]:
        query = "SELECT * FROM api_tokens WHERE user_id = ? ORDER BY created_at DESC, token_id DESC"
        return [from_row(ApiToken, row) for row in await self._database.rows(query, (user_id,))]

    async def set_used(self, token_id: str, at: datetime) -> None:
        change = "UPDATE api_tokens SET last_used_at = ? WHERE token_id = ?"
        await self._database.write(change, (to_milliseconds(at), token_id))

    async def remove(self, user_id: str, token_id: str) -> None:
        await self._database.write("DELETE FROM api_tokens WHERE token_id = ? AND user_id = ?", (token_id, user_id))
