"""Reports in MongoDB."""

from datetime import datetime, timedelta

from pymongo import DESCENDING
from pymongo.errors import DuplicateKeyError

from streaming_app.backend.adapters.mongo.connection_errors import reporting_outages
from streaming_app.backend.adapters.mongo.documents import Database, Document, from_document, to_document
from streaming_app.backend.adapters.store_errors import no_such_report, reported_before
from streaming_app.backend.reports.model import Report, ReportKind, Resolution

_NAMES = {"report_id": "_id"}


@reporting_outages
class MongoReports:
    """All reports. ``claimed_by`` and ``claimed_at`` exist only in the documents."""

    def __init__(self, database: Database) -> None:
        self._reports = database["reports"]

    async def add(self, report: Report) -> None:
        try:
            await self._reports.insert_one(to_document(report, _NAMES) | {"claimed_by": None, "claimed_at": None})
        except DuplicateKeyError:
            raise reported_before() from None

    async def get(self, report_id: str) -> Report:
        document = await self._reports.find_one({"_id": report_id})
        if document is None:
            raise no_such_report()
        return from_document(Report, document, _NAMES)

    async def open_reports(self, limit: int, before: str = "") -> list[Report]:
        return await self._list({"resolution": ""}, limit, before)

    async def resolved_reports(self, limit: int, before: str = "") -> list[Report]:
        return await self._list({"resolution": {"$ne": ""}}, limit, before)

    async def open_about(self, kind: ReportKind, target_id: str) -> list[Report]:
        found = self._reports.find({"kind": kind.value, "target_id": target_id, "resolution": ""})
        return [from_document(Report, document, _NAMES) async for document in found]

    async def list_by_reporter(self, reporter_id: str, limit: int) -> list[Report]:
        found = self._reports.find({"reporter_id": reporter_id}).sort([("_id", DESCENDING)]).limit(limit)
        return [from_document(Report, document, _NAMES) async for document in found]

    async def claim(self, report_id: str, by: str, at: datetime, lease: timedelta) -> bool:
        is_free = [
            {"claimed_by": {"$in": [None, by]}},
            {"claimed_at": {"$lt": at - lease}},
            {"claimed_at": {"$gt": at}},
        ]
        changed = await self._reports.update_one(
            {"_id": report_id, "resolution": "", "$or": is_free}, {"$set": {"claimed_by": by, "claimed_at": at}}
        )
        return changed.matched_count > 0

    async def resolve(self, kind: ReportKind, target_id: str, resolution: Resolution, by: str, at: datetime) -> None:
        await self._reports.update_many(
            {"kind": kind.value, "target_id": target_id, "resolution": ""},
            {"$set": {"resolution": resolution.value, "resolved_by": by, "resolved_at": at}},
        )

    async def _list(self, which: Document, limit: int, before: str) -> list[Report]:
        if before:
            which["_id"] = {"$lt": before}
        found = self._reports.find(which).sort([("_id", DESCENDING)]).limit(limit)
        return [from_document(Report, document, _NAMES) async for document in found]
