"""Invitations in SQLite."""

from datetime import datetime

from streaming_app.backend.accounts.invitations import Invitation
from streaming_app.backend.adapters.sqlite.database import Database
from streaming_app.backend.adapters.sqlite.rows import from_row, insert_into, to_milliseconds, to_row

_USABLE = "secret_hash = ? AND uses < uses_max AND expires_at > ?"


class SqliteInvitations:
    """All invitations. Expired ones are deleted when the next one is added."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, invitation: Invitation) -> None:
        row = to_row(invitation)
        expired = "DELETE FROM invitations WHERE expires_at <= ?"
        await self._database.write(expired, (to_milliseconds(invitation.created_at),))
        await self._database.write(insert_into("invitations", row), row)

    async def list_valid(self, now: datetime, limit: int) -> list[Invitation]:
        query = "SELECT * FROM invitations WHERE expires_at > ? ORDER BY invitation_id DESC LIMIT ?"
        return [from_row(Invitation, row) for row in await self._database.rows(query, (to_milliseconds(now), limit))]

    async def is_usable(self, secret_hash: str, now: datetime) -> bool:
        query = f"SELECT 1 FROM invitations WHERE {_USABLE}"  # noqa: S608 - a constant
        return bool(await self._database.rows(query, (secret_hash, to_milliseconds(now))))

    async def use(self, secret_hash: str, now: datetime) -> bool:
        change = f"UPDATE invitations SET uses = uses + 1 WHERE {_USABLE}"  # noqa: S608 - a constant
        return bool(await self._database.write(change, (secret_hash, to_milliseconds(now))))

    async def give_back(self, secret_hash: str) -> None:
        change = "UPDATE invitations SET uses = uses - 1 WHERE secret_hash = ? AND uses > 0"
        await self._database.write(change, (secret_hash,))

    async def remove(self, invitation_id: str) -> bool:
        return bool(await self._database.write("DELETE FROM invitations WHERE invitation_id = ?", (invitation_id,)))
