"""Reports in SQLite."""

import sqlite3
from datetime import datetime, timedelta

from streaming_app.backend.adapters.sqlite.database import Database
from streaming_app.backend.adapters.sqlite.rows import from_row, insert_into, to_milliseconds, to_row
from streaming_app.backend.adapters.store_errors import no_such_report, reported_before
from streaming_app.backend.reports.model import Report, ReportKind, Resolution


class SqliteReports:
    """All reports. ``claimed_by`` and ``claimed_at`` exist only in the table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, report: Report) -> None:
        row = to_row(report)
        try:
            await self._database.write(insert_into("reports", row), row)
        except sqlite3.IntegrityError:
            raise reported_before() from None

    async def get(self, report_id: str) -> Report:
        rows = await self._database.rows("SELECT * FROM reports WHERE report_id = ?", (report_id,))
        if not rows:
            raise no_such_report()
        return from_row(Report, rows[0])

    async def open_reports(self, limit: int, before: str = "") -> list[Report]:
        return await self._list("resolution = ''", limit, before)

    async def resolved_reports(self, limit: int, before: str = "") -> list[Report]:
        return await self._list("resolution <> ''", limit, before)

    async def open_about(self, kind: ReportKind, target_id: str) -> list[Report]:
        query = "SELECT * FROM reports WHERE kind = ? AND target_id = ? AND resolution = ''"
        return [from_row(Report, row) for row in await self._database.rows(query, (kind, target_id))]

    async def list_by_reporter(self, reporter_id: str, limit: int) -> list[Report]:
        query = "SELECT * FROM reports WHERE reporter_id = ? ORDER BY report_id DESC LIMIT ?"
        return [from_row(Report, row) for row in await self._database.rows(query, (reporter_id, limit))]

    async def claim(self, report_id: str, by: str, at: datetime, lease: timedelta) -> bool:
        change = (
            "UPDATE reports SET claimed_by = :by, claimed_at = :at WHERE report_id = :report_id AND resolution = ''"
            " AND (claimed_by IS NULL OR claimed_by = :by OR claimed_at NOT BETWEEN :oldest AND :at)"
        )
        values = {"report_id": report_id, "by": by, "at": to_milliseconds(at), "oldest": to_milliseconds(at - lease)}
        return bool(await self._database.write(change, values))

    async def resolve(self, kind: ReportKind, target_id: str, resolution: Resolution, by: str, at: datetime) -> None:
        change = (
            "UPDATE reports SET resolution = ?, resolved_by = ?, resolved_at = ?"
            " WHERE kind = ? AND target_id = ? AND resolution = ''"
        )
        await self._database.write(change, (resolution, by, to_milliseconds(at), kind, target_id))

    async def _list(self, which: str, limit: int, before: str) -> list[Report]:
        query = (
            f"SELECT * FROM reports WHERE {which} AND (:before = '' OR report_id < :before)"  # noqa: S608 - a constant
            " ORDER BY report_id DESC LIMIT :limit"
        )
        rows = await self._database.rows(query, {"before": before, "limit": limit})
        return [from_row(Report, row) for row in rows]
