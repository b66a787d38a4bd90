"""Deletion of accounts in SQLite."""

import sqlite3
from datetime import datetime

from streaming_app.backend.account_data.model import ErasedId, Owner
from streaming_app.backend.account_data.owned_data import OwnedData
from streaming_app.backend.accounts.model import User
from streaming_app.backend.adapters.sqlite.database import Database
from streaming_app.backend.adapters.sqlite.rows import from_row, insert_into, to_milliseconds, to_row
from streaming_app.backend.adapters.store_errors import no_such_user
from streaming_app.backend.chat.model import ERASED_USERNAME


class SqliteAccountDeletions:
    """Uses columns of the tables of users and channels."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def schedule(self, user_id: str, at: datetime) -> None:
        change = (
            "UPDATE users SET deletes_at = ?, session_generation = session_generation + 1"
            " WHERE user_id = ? AND deletes_at IS NOT 0"
        )
        if not await self._database.write(change, (to_milliseconds(at), user_id)):
            raise no_such_user()

    async def cancel(self, user_id: str, now: datetime) -> bool:
        change = "UPDATE users SET deletes_at = NULL WHERE user_id = ? AND deletes_at > ?"
        return await self._database.write(change, (user_id, to_milliseconds(now))) == 1

    async def begin(self, user_id: str, now: datetime) -> bool:
        change = "UPDATE users SET deletes_at = 0 WHERE user_id = ? AND deletes_at <= ?"
        return await self._database.write(change, (user_id, to_milliseconds(now))) == 1

    async def leaving(self) -> list[User]:
        query = "SELECT * FROM users WHERE deletes_at IS NOT NULL ORDER BY deletes_at, user_id"
        return [from_row(User, row) for row in await self._database.rows(query)]

    async def set_channel_hidden(self, owner_id: str, *, hidden: bool) -> str:
        rows = await self._database.rows("SELECT channel_id, is_hidden FROM channels WHERE owner_id = ?", (owner_id,))
        if rows and rows[0]["is_hidden"] != hidden:
            await self._database.write("UPDATE channels SET is_hidden = ? WHERE owner_id = ?", (hidden, owner_id))
        return rows[0]["channel_id"] if rows else ""

    async def hidden_owners(self) -> list[str]:
        return [row[0] for row in await self._database.rows("SELECT owner_id FROM channels WHERE is_hidden")]

    async def add_erased(self, erased: ErasedId) -> None:
        row = to_row(erased)
        await self._database.write(f"{insert_into('erased_accounts', row)} ON CONFLICT DO NOTHING", row)

    async def release_names(self, before: datetime) -> None:
        change = "UPDATE erased_accounts SET name_key = '' WHERE name_key <> '' AND erased_at < ?"
        await self._database.write(change, (to_milliseconds(before),))


class SqliteAccountRecords:
    """Deletes rows by the registry of owned data. The names of tables and columns are constants of the program."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def erase_records(self, data: OwnedData, owner: Owner) -> None:
        for column, value in ((data.user, owner.user_id), (data.channel, owner.channel_id)):
            if column and value:
                await self._database.write(f"DELETE FROM {data.table} WHERE {column} = ?", (value,))  # noqa: S608

    async def erase_mentions(self, owner: Owner) -> None:
        row = {"user_id": owner.user_id, "username": owner.username, "erased": ERASED_USERNAME}
        for change in _MENTIONS:
            await self._database.write(change, row)

    async def has_recordings(self, channel_id: str) -> bool:
        return bool(await self._database.rows("SELECT 1 FROM recordings WHERE channel_id = ? LIMIT 1", (channel_id,)))

    async def remove_account(self, owner: Owner) -> None:
        def remove(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM channels WHERE owner_id = ?", (owner.user_id,))
            connection.execute("DELETE FROM users WHERE user_id = ?", (owner.user_id,))

        await self._database.transact(remove)


_MENTIONS = (
    "DELETE FROM chat_pins WHERE json_extract(message, '$.user_id') = :user_id",
    (
        "UPDATE chat_pins SET message = json_set(message, '$.reply_to.username', :erased, '$.reply_to.text', '')"
        " WHERE json_extract(message, '$.reply_to.username') = :username"
    ),
    "UPDATE held_messages SET reply_username = :erased, reply_text = '' WHERE reply_username = :username",
    "UPDATE held_messages SET decision = NULL, claimed_by = NULL, claimed_at = NULL WHERE claimed_by = :user_id",
    "DELETE FROM moderation_log WHERE instr(before, json_quote(:user_id)) > 0",
    "UPDATE moderation_log SET done_by = :erased WHERE done_by = :username",
    "UPDATE moderation_log SET undone_by = :erased WHERE undone_by = :username",
    "UPDATE audit_log SET address = '', details = '' WHERE :user_id IN (actor_id, target_id)",
    "UPDATE audit_log SET actor = :erased, actor_id = '', actor_key = :erased WHERE actor_id = :user_id",
    "UPDATE audit_log SET target = :erased, target_id = '', target_key = :erased WHERE target_id = :user_id",
    "UPDATE reports SET resolved_by = :erased WHERE resolved_by = :username",
    "UPDATE reports SET claimed_by = NULL, claimed_at = NULL WHERE claimed_by = :username",
    "UPDATE stream_blocks SET blocked_by = :erased WHERE blocked_by = :username",
    "UPDATE streamer_requests SET decided_by = :erased WHERE decided_by = :username",
    "UPDATE invitations SET created_by = :erased WHERE created_by = :username",
    "UPDATE chat_bans SET banned_by = :erased WHERE banned_by = :username",
)
