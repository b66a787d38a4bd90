"""Passkeys in SQLite."""

import sqlite3
from datetime import datetime

from streaming_app.backend.accounts.passkeys import Passkey
from streaming_app.backend.adapters.sqlite.database import Database
from streaming_app.backend.adapters.sqlite.rows import from_row, insert_into, to_milliseconds, to_row
from streaming_app.backend.adapters.store_errors import no_such_passkey, passkey_exists


class SqlitePasskeys:
    """All passkeys."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, passkey: Passkey) -> None:
        row = to_row(passkey)
        try:
            await self._database.write(insert_into("passkeys", row), row)
        except sqlite3.IntegrityError:
            raise passkey_exists() from None

    async def get(self, passkey_id: str) -> Passkey:
        rows = await self._database.rows("SELECT * FROM passkeys WHERE passkey_id = ?", (passkey_id,))
        if not rows:
            raise no_such_passkey()
        return from_row(Passkey, rows[0])

    async def list_by_user(self, user_id: str) -> list[Passkey]:
        query = "SELECT * FROM passkeys WHERE user_id = ? ORDER BY added_at DESC, passkey_id"
        return [from_row(Passkey, row) for row in await self._database.rows(query, (user_id,))]

    async def record_use(self, passkey_id: str, sign_count: int, used_at: datetime) -> bool:
        query = (
            "UPDATE passkeys SET sign_count = :count, used_at = :at WHERE passkey_id = :id"
            " AND (sign_count < :count OR (sign_count = 0 AND :count = 0))"
        )
        values = {"count": sign_count, "at": to_milliseconds(used_at), "id": passkey_id}
        return bool(await self._database.write(query, values))

    async def remove_all_of(self, user_id: str) -> None:
        await self._database.write("DELETE FROM passkeys WHERE user_id = ?", (user_id,))
