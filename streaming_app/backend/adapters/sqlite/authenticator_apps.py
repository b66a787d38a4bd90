"""Authenticator apps in SQLite."""

import sqlite3

from streaming_app.backend.accounts.authenticator_app import AuthenticatorApp
from streaming_app.backend.adapters.sqlite.database import Database
from streaming_app.backend.adapters.sqlite.rows import from_row, insert_into, to_column, to_row
from streaming_app.backend.adapters.store_errors import has_authenticator_app, no_authenticator_app


class SqliteAuthenticatorApps:
    """All authenticator apps."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, app: AuthenticatorApp) -> None:
        row = to_row(app)
        try:
            await self._database.write(insert_into("authenticator_apps", row), row)
        except sqlite3.IntegrityError:
            raise has_authenticator_app() from None

    async def get(self, user_id: str) -> AuthenticatorApp:
        rows = await self._database.rows("SELECT * FROM authenticator_apps WHERE user_id = ?", (user_id,))
        if not rows:
            raise no_authenticator_app()
        return from_row(AuthenticatorApp, rows[0])

    async def exists(self, user_id: str) -> bool:
        return bool(await self._database.rows("SELECT 1 FROM authenticator_apps WHERE user_id = ?", (user_id,)))

    async def accept_step(self, user_id: str, step: int) -> bool:
        query = "UPDATE authenticator_apps SET last_step = :step WHERE user_id = :user_id AND last_step < :step"
        return bool(await self._database.write(query, {"user_id": user_id, "step": step}))

    async def take_recovery_code(self, user_id: str, code_hash: str) -> bool:
        query = (
            "UPDATE authenticator_apps SET recovery_code_hashes = (SELECT json_group_array(value)"
            " FROM json_each(recovery_code_hashes) WHERE value <> :code_hash) WHERE user_id = :user_id"
            " AND EXISTS (SELECT 1 FROM json_each(recovery_code_hashes) WHERE value = :code_hash)"
        )
        return bool(await self._database.write(query, {"user_id": user_id, "code_hash": code_hash}))

    async def replace_recovery_codes(self, user_id: str, code_hashes: tuple[str, ...]) -> None:
        query = "UPDATE authenticator_apps SET recovery_code_hashes = ? WHERE user_id = ?"
        if not await self._database.write(query, (to_column(code_hashes), user_id)):
            raise no_authenticator_app()

    async def remove(self, user_id: str) -> bool:
        return bool(await self._database.write("DELETE FROM authenticator_apps WHERE user_id = ?", (user_id,)))
