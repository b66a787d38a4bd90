"""Invitations in SQLite."""

import sqlite3
from datetime import datetime

from streaming_app.backend.accounts.invitations import Invitation
from streaming_app.backend.adapters.sqlite.database import Database
from streaming_app.backend.adapters.sqlite.rows import from_row, insert_into, to_milliseconds, to_row

_VALID = "secret_hash = :hash AND expires_at > :now"
_CLAIMED = "EXISTS (SELECT 1 FROM invitation_claims WHERE user_id = :user AND secret_hash = :hash)"


class SqliteInvitations:
    """All invitations. Expired ones are deleted when the next one is added."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, invitation: Invitation) -> None:
        row, now = to_row(invitation), to_milliseconds(invitation.created_at)
        await self._database.write("DELETE FROM invitations WHERE expires_at <= ?", (now,))
        await self._database.write(insert_into("invitations", row), row)

    async def list_valid(self, now: datetime, limit: int) -> list[Invitation]:
        query = "SELECT * FROM invitations WHERE expires_at > ? ORDER BY invitation_id DESC LIMIT ?"
        return [from_row(Invitation, row) for row in await self._database.rows(query, (to_milliseconds(now), limit))]

    async def is_usable(self, secret_hash: str, now: datetime, user_id: str = "") -> bool:
        query = f"SELECT 1 FROM invitations WHERE {_VALID} AND (uses < uses_max OR {_CLAIMED})"  # noqa: S608 - constants
        return bool(await self._database.rows(query, _parameters(secret_hash, now, user_id)))

    async def claim(self, secret_hash: str, user_id: str, now: datetime) -> bool:
        values = _parameters(secret_hash, now, user_id)
        claimed = f"SELECT 1 FROM invitations WHERE {_VALID} AND {_CLAIMED}"  # noqa: S608 - constants
        count = f"UPDATE invitations SET uses = uses + 1 WHERE {_VALID} AND uses < uses_max"  # noqa: S608 - a constant

        def add(connection: sqlite3.Connection) -> bool:
            if connection.execute(claimed, values).fetchone():
                return True
            if not connection.execute(count, values).rowcount:
                return False
            connection.execute("INSERT INTO invitation_claims VALUES (:user, :hash, :now)", values)
            return True

        return await self._database.transact(add)

    async def settle(self, user_id: str) -> None:
        await self._database.write("DELETE FROM invitation_claims WHERE user_id = ?", (user_id,))

    async def release(self, user_id: str) -> None:
        def take_back(connection: sqlite3.Connection) -> None:
            removed = "DELETE FROM invitation_claims WHERE user_id = ? RETURNING secret_hash"
            for (secret_hash,) in connection.execute(removed, (user_id,)).fetchall():
                connection.execute("UPDATE invitations SET uses = uses - 1 WHERE secret_hash = ?", (secret_hash,))

        await self._database.transact(take_back)

    async def claims_before(self, at: datetime) -> list[str]:
        query = "SELECT user_id FROM invitation_claims WHERE claimed_at < ? ORDER BY claimed_at, user_id"
        return [row["user_id"] for row in await self._database.rows(query, (to_milliseconds(at),))]

    async def remove(self, invitation_id: str) -> bool:
        return bool(await self._database.write("DELETE FROM invitations WHERE invitation_id = ?", (invitation_id,)))


def _parameters(secret_hash: str, now: datetime, user_id: str) -> dict[str, object]:
    return {"hash": secret_hash, "now": to_milliseconds(now), "user": user_id}
