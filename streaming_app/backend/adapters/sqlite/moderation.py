"""The moderation log and the held messages in SQLite."""

import sqlite3
from datetime import datetime, timedelta

from streaming_app.backend.adapters.sqlite.chat import IS_QUOTE_DELETED, message_row, quote_in
from streaming_app.backend.adapters.sqlite.database import Database
from streaming_app.backend.adapters.sqlite.rows import from_row, insert_into, to_milliseconds, to_row
from streaming_app.backend.adapters.store_errors import held_message_claimed, held_message_gone, no_such_entry
from streaming_app.backend.chat.model import HeldMessage, ModerationAction, ModerationLogEntry

_HELD_MESSAGES = f"SELECT m.*, {IS_QUOTE_DELETED} FROM held_messages AS m"  # noqa: S608 - a constant
_HELD = f"{_HELD_MESSAGES} WHERE message_id = :message_id AND channel_id = :channel_id"

_ENTRY_COLUMNS = {"at": "done_at", "by": "done_by", "action": "deed", "undo_data": "before"}


class SqliteModerationLog:
    """The moderation logs of all channels."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, entry: ModerationLogEntry) -> None:
        row = to_row(entry, _ENTRY_COLUMNS)
        await self._database.write(insert_into("moderation_log", row), row)

    async def get(self, channel_id: str, entry_id: str) -> ModerationLogEntry:
        query = "SELECT * FROM moderation_log WHERE entry_id = ? AND channel_id = ?"
        rows = await self._database.rows(query, (entry_id, channel_id))
        if not rows:
            raise no_such_entry()
        return from_row(ModerationLogEntry, rows[0], _ENTRY_COLUMNS)

    async def newest(self, channel_id: str, limit: int) -> list[ModerationLogEntry]:
        query = "SELECT * FROM moderation_log WHERE channel_id = ? ORDER BY done_at DESC, entry_id DESC LIMIT ?"
        return [
            from_row(ModerationLogEntry, row, _ENTRY_COLUMNS)
            for row in await self._database.rows(query, (channel_id, limit))
        ]

    async def pending(self, channel_id: str) -> list[ModerationLogEntry]:
        which = "channel_id = ? AND state = 'pending'"
        query = f"SELECT * FROM moderation_log WHERE {which} ORDER BY done_at DESC, entry_id DESC"  # noqa: S608 - a constant
        return [
            from_row(ModerationLogEntry, row, _ENTRY_COLUMNS) for row in await self._database.rows(query, (channel_id,))
        ]

    async def set_done(self, channel_id: str, entry_id: str, at: datetime) -> bool:
        change = (
            "UPDATE moderation_log SET state = 'done', done_at = ?"
            " WHERE entry_id = ? AND channel_id = ? AND state = 'pending'"
        )
        return await self._database.write(change, (to_milliseconds(at), entry_id, channel_id)) == 1

    async def withdraw(self, channel_id: str, entry_id: str) -> None:
        change = "DELETE FROM moderation_log WHERE entry_id = ? AND channel_id = ? AND state = 'pending'"
        await self._database.write(change, (entry_id, channel_id))

    async def set_undoing(self, channel_id: str, entry_id: str) -> bool:
        change = (
            "UPDATE moderation_log SET state = 'undoing' WHERE entry_id = ? AND channel_id = ? AND state <> 'undone'"
        )
        return await self._database.write(change, (entry_id, channel_id)) == 1

    async def set_undone(self, channel_id: str, entry_id: str, at: datetime, by: str) -> bool:
        change = (
            "UPDATE moderation_log SET state = 'undone', undone_at = ?, undone_by = ?"
            " WHERE entry_id = ? AND channel_id = ? AND state <> 'undone'"
        )
        return await self._database.write(change, (to_milliseconds(at), by, entry_id, channel_id)) == 1


class SqliteHeldMessages:
    """The messages that are held for review."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, message: HeldMessage) -> None:
        row = message_row(message)
        await self._database.write(f"{insert_into('held_messages', row)} ON CONFLICT DO NOTHING", row)

    async def get(self, channel_id: str, message_id: str) -> HeldMessage:
        rows = await self._database.rows(_HELD, {"message_id": message_id, "channel_id": channel_id})
        if not rows:
            raise held_message_gone()
        return _held(rows[0])

    async def waiting(self, channel_id: str, limit: int) -> list[HeldMessage]:
        return await self._list("channel_id", channel_id, limit)

    async def by_author(self, user_id: str, limit: int) -> list[HeldMessage]:
        return await self._list("user_id", user_id, limit)

    async def claim(
        self, channel_id: str, message_id: str, by: str, decision: ModerationAction, at: datetime, lease: timedelta
    ) -> HeldMessage:
        claim = (
            "UPDATE held_messages SET decision = :decision, claimed_by = :by, claimed_at = :at"
            " WHERE message_id = :message_id AND channel_id = :channel_id"
            " AND (claimed_by IS NULL OR claimed_by = :by OR claimed_at NOT BETWEEN :oldest AND :at)"
        )
        row = {
            "message_id": message_id,
            "channel_id": channel_id,
            "by": by,
            "decision": decision,
            "at": to_milliseconds(at),
            "oldest": to_milliseconds(at - lease),
        }

        def look_and_claim(connection: sqlite3.Connection) -> tuple[sqlite3.Row | None, bool]:
            return connection.execute(_HELD, row).fetchone(), connection.execute(claim, row).rowcount == 1

        held, is_claimed = await self._database.transact(look_and_claim)
        if held is None:
            raise held_message_gone()
        if not is_claimed:
            raise held_message_claimed()
        return _held(held)

    async def remove(self, channel_id: str, message_id: str) -> None:
        delete = "DELETE FROM held_messages WHERE message_id = ? AND channel_id = ?"
        await self._database.write(delete, (message_id, channel_id))

    async def _list(self, column: str, value: str, limit: int) -> list[HeldMessage]:
        query = f"{_HELD_MESSAGES} WHERE m.{column} = ? ORDER BY held_at, message_id LIMIT ?"
        return [_held(row) for row in await self._database.rows(query, (value, limit))]


def _held(row: sqlite3.Row) -> HeldMessage:
    return from_row(HeldMessage, row, reply_to=quote_in(row))
