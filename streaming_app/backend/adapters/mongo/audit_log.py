"""The audit log in MongoDB."""

from pymongo import DESCENDING

from streaming_app.backend.accounts.audit_log import AuditEntry
from streaming_app.backend.adapters.case_folding import fold_case
from streaming_app.backend.adapters.mongo.connection_errors import reporting_outages
from streaming_app.backend.adapters.mongo.documents import Database, Document, from_document, to_document

_NAMES = {"entry_id": "_id"}


@reporting_outages
class MongoAuditEntries:
    """All entries of the audit log. A TTL index deletes expired entries."""

    def __init__(self, database: Database) -> None:
        self._entries = database["audit_log"]

    async def add(self, entry: AuditEntry) -> None:
        keys = {"actor_key": fold_case(entry.actor), "target_key": fold_case(entry.target)}
        await self._entries.insert_one(to_document(entry, _NAMES) | keys)

    async def newest(self, limit: int, *, before: str = "", name: str = "", action: str = "") -> list[AuditEntry]:
        which: Document = {}
        if before:
            which["_id"] = {"$lt": before}
        if action:
            which["action"] = action
        if name:
            which["$or"] = [{"actor_key": fold_case(name)}, {"target_key": fold_case(name)}]
        found = self._entries.find(which).sort([("_id", DESCENDING)]).limit(limit)
        return [from_document(AuditEntry, document, _NAMES) async for document in found]
