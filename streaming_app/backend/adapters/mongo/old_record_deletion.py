"""The deletion of old records in MongoDB."""

from datetime import datetime

from streaming_app.backend.adapters.mongo.connection_errors import reporting_outages
from streaming_app.backend.adapters.mongo.documents import Database, Document
from streaming_app.backend.chat.rules_form import SLOW_MAX

_EXPIRING = (
    *("sessions", "tickets", "mail_links", "invitations", "provider_sign_ins", "pending_identities", "audit_log"),
)
"""Collections with the field ``expires_at``. TTL indexes delete their documents too."""
_CHAT = {"chat_messages": "sent_at", "moderation_log": "at", "held_messages": "held_at"}
"""Collections of chat, and the field with the time."""


@reporting_outages
class MongoOldRecords:
    """Implements ``retention.OldRecords``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def remove_expired(self, now: datetime, limit: int) -> int:
        removed = [await self._remove(name, {"expires_at": {"$lte": now}}, limit) for name in _EXPIRING]
        return sum(removed) + await self._remove("chat_turns", {"taken_at": {"$lte": now - SLOW_MAX}}, limit)

    async def remove_chat(self, before: datetime, limit: int) -> int:
        return sum([await self._remove(name, {field: {"$lt": before}}, limit) for name, field in _CHAT.items()])

    async def _remove(self, name: str, old: Document, limit: int) -> int:
        collection = self._database[name]
        ids = [document["_id"] async for document in collection.find(old, {"_id": True}).limit(limit)]
        if not ids:
            return 0
        return (await collection.delete_many({"_id": {"$in": ids}, **old})).deleted_count
