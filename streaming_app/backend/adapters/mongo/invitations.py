"""Invitations in MongoDB."""

from datetime import datetime

from pymongo import DESCENDING

from streaming_app.backend.accounts.invitations import Invitation
from streaming_app.backend.adapters.mongo.connection_errors import reporting_outages
from streaming_app.backend.adapters.mongo.documents import Database, Document, from_document, to_document

_NAMES = {"invitation_id": "_id"}


@reporting_outages
class MongoInvitations:
    """All invitations. A TTL index deletes expired ones. ``uses_left`` counts down, so that a filter can check it."""

    def __init__(self, database: Database) -> None:
        self._invitations = database["invitations"]

    async def add(self, invitation: Invitation) -> None:
        uses_left = invitation.uses_max - invitation.uses
        await self._invitations.insert_one(to_document(invitation, _NAMES) | {"uses_left": uses_left})

    async def list_valid(self, now: datetime, limit: int) -> list[Invitation]:
        found = self._invitations.find({"expires_at": {"$gt": now}}).sort([("_id", DESCENDING)]).limit(limit)
        return [from_document(Invitation, document, _NAMES) async for document in found]

    async def is_usable(self, secret_hash: str, now: datetime) -> bool:
        return await self._invitations.find_one(_usable(secret_hash, now)) is not None

    async def use(self, secret_hash: str, now: datetime) -> bool:
        changed = await self._invitations.update_one(_usable(secret_hash, now), {"$inc": {"uses": 1, "uses_left": -1}})
        return changed.matched_count > 0

    async def give_back(self, secret_hash: str) -> None:
        which = {"secret_hash": secret_hash, "uses": {"$gt": 0}}
        await self._invitations.update_one(which, {"$inc": {"uses": -1, "uses_left": 1}})

    async def remove(self, invitation_id: str) -> bool:
        return (await self._invitations.delete_one({"_id": invitation_id})).deleted_count > 0


def _usable(secret_hash: str, now: datetime) -> Document:
    return {"secret_hash": secret_hash, "uses_left": {"$gt": 0}, "expires_at": {"$gt": now}}
