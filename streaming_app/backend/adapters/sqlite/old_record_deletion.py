"""The deletion of old records in SQLite."""

import json
import sqlite3
from datetime import datetime

from streaming_app.backend.adapters.sqlite.database import Database
from streaming_app.backend.adapters.sqlite.rows import to_milliseconds
from streaming_app.backend.chat.rules_form import SLOW_MAX

_EXPIRING = {
    "sessions": "session_id",
    "tickets": "ticket_hash",
    "mail_links": "link_hash",
    "invitations": "invitation_id",
    "provider_sign_ins": "state_hash",
    "pending_identities": "secret_hash",
    "audit_log": "entry_id",
}
"""Tables with the column ``expires_at``, and their keys."""


class SqliteOldRecords:
    """Implements ``retention.OldRecords``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def remove_expired(self, now: datetime, limit: int) -> int:
        at = to_milliseconds(now)
        removed = 0
        for table, key in _EXPIRING.items():
            expired = f"SELECT {key} FROM {table} WHERE expires_at <= ? LIMIT ?"  # noqa: S608 - constants
            removed += await self._database.write(f"DELETE FROM {table} WHERE {key} IN ({expired})", (at, limit))  # noqa: S608 - constants
        turns = (
            "DELETE FROM chat_turns WHERE (channel_id, user_id) IN"
            " (SELECT channel_id, user_id FROM chat_turns WHERE taken_at <= ? LIMIT ?)"
        )
        return removed + await self._database.write(turns, (to_milliseconds(now - SLOW_MAX), limit))

    async def remove_chat(self, before: datetime, limit: int) -> int:
        chosen = (to_milliseconds(before), limit)

        def remove(connection: sqlite3.Connection) -> int:
            old = connection.execute("SELECT message_id FROM chat_messages WHERE sent_at < ? LIMIT ?", chosen)
            ids = json.dumps([message_id for (message_id,) in old])
            return sum(
                connection.execute(change, parameters).rowcount
                for change, parameters in (
                    ("DELETE FROM chat_deletions WHERE message_id IN (SELECT value FROM json_each(?))", (ids,)),
                    ("DELETE FROM chat_messages WHERE message_id IN (SELECT value FROM json_each(?))", (ids,)),
                    (_delete_from("moderation_log", "entry_id", "done_at"), chosen),
                    (_delete_from("held_messages", "message_id", "held_at"), chosen),
                )
            )

        return await self._database.transact(remove)


def _delete_from(table: str, key: str, time: str) -> str:
    return f"DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} WHERE {time} < ? LIMIT ?)"  # noqa: S608 - constants
