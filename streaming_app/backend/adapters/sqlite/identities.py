"""Linked identities, and the short-lived records of sign-ins with providers, in SQLite."""

import sqlite3
from datetime import datetime
from typing import Any, Generic, TypeVar

from streaming_app.backend.accounts.providers.model import Identity
from streaming_app.backend.adapters.sqlite.database import Database
from streaming_app.backend.adapters.sqlite.rows import from_row, insert_into, to_milliseconds, to_row
from streaming_app.backend.adapters.store_errors import identity_linked, no_such_identity, sign_in_expired
from streaming_app.backend.errors import NotFoundError

Record = TypeVar("Record")


class SqliteIdentities:
    """All linked identities."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, identity: Identity) -> None:
        row = to_row(identity)
        try:
            await self._database.write(insert_into("identities", row), row)
        except sqlite3.IntegrityError:
            if not await self._has(identity):
                raise identity_linked() from None

    async def _has(self, identity: Identity) -> bool:
        try:
            return (await self.get(identity.provider, identity.subject)).user_id == identity.user_id
        except NotFoundError:
            return False

    async def get(self, provider: str, subject: str) -> Identity:
        query = "SELECT * FROM identities WHERE provider = ? AND subject = ?"
        rows = await self._database.rows(query, (provider, subject))
        if not rows:
            raise no_such_identity()
        return from_row(Identity, rows[0])

    async def list_by_user(self, user_id: str) -> list[Identity]:
        query = "SELECT * FROM identities WHERE user_id = ? ORDER BY provider"
        return [from_row(Identity, row) for row in await self._database.rows(query, (user_id,))]

    async def remove(self, user_id: str, provider: str) -> None:
        await self._database.write("DELETE FROM identities WHERE user_id = ? AND provider = ?", (user_id, provider))

    async def remove_all_of(self, user_id: str) -> None:
        await self._database.write("DELETE FROM identities WHERE user_id = ?", (user_id,))


class SqliteShortLivedRecords(Generic[Record]):
    """The records of one kind in a table with the columns ``key`` and ``expires_at``."""

    def __init__(self, database: Database, table: str, kind: type[Record], key: str) -> None:
        self._database = database
        self._table = table
        self._kind = kind
        self._valid = f"{key} = :key AND expires_at > :now"

    async def add(self, record: Any, now: datetime) -> None:
        row = to_row(record)

        def replace_expired(connection: sqlite3.Connection) -> None:
            connection.execute(f"DELETE FROM {self._table} WHERE expires_at <= ?", (to_milliseconds(now),))  # noqa: S608
            connection.execute(insert_into(self._table, row), row)

        await self._database.transact(replace_expired)

    async def get(self, secret_hash: str, now: datetime) -> Record:
        query = f"SELECT * FROM {self._table} WHERE {self._valid}"  # noqa: S608 - our own names
        return self._one(await self._database.rows(query, _parameters(secret_hash, now)))

    async def take(self, secret_hash: str, now: datetime) -> Record:
        query = f"DELETE FROM {self._table} WHERE {self._valid} RETURNING *"  # noqa: S608 - our own names

        def remove(connection: sqlite3.Connection) -> list[sqlite3.Row]:
            return connection.execute(query, _parameters(secret_hash, now)).fetchall()

        return self._one(await self._database.transact(remove))

    def _one(self, rows: list[sqlite3.Row]) -> Record:
        if not rows:
            raise sign_in_expired()
        return from_row(self._kind, rows[0])


def _parameters(secret_hash: str, now: datetime) -> dict[str, object]:
    return {"key": secret_hash, "now": to_milliseconds(now)}
