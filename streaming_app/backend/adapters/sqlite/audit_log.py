"""The audit log in SQLite."""

import sqlite3

from streaming_app.backend.accounts.audit_log import AuditEntry
from streaming_app.backend.adapters.case_folding import fold_case
from streaming_app.backend.adapters.sqlite.database import Database
from streaming_app.backend.adapters.sqlite.rows import from_row, insert_into, to_milliseconds, to_row


class SqliteAuditEntries:
    """All entries of the audit log. Each new entry deletes the expired ones."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, entry: AuditEntry) -> None:
        row = to_row(entry) | {"actor_key": fold_case(entry.actor), "target_key": fold_case(entry.target)}

        def replace_expired(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM audit_log WHERE expires_at <= ?", (to_milliseconds(entry.at),))
            connection.execute(insert_into("audit_log", row), row)

        await self._database.transact(replace_expired)

    async def newest(self, limit: int, *, before: str = "", name: str = "", action: str = "") -> list[AuditEntry]:
        query = (
            "SELECT * FROM audit_log WHERE (:before = '' OR entry_id < :before) AND (:action = '' OR action = :action)"
            " AND (:name = '' OR actor_key = :name OR target_key = :name) ORDER BY entry_id DESC LIMIT :limit"
        )
        values = {"before": before, "action": action, "name": fold_case(name), "limit": limit}
        return [from_row(AuditEntry, row) for row in await self._database.rows(query, values)]
