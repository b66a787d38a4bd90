"""Invitations in MongoDB."""

from datetime import datetime

from pymongo import DESCENDING

from streaming_app.backend.accounts.invitations import Invitation
from streaming_app.backend.adapters.mongo.connection_errors import reporting_outages
from streaming_app.backend.adapters.mongo.documents import Database, Document, from_document, to_document

_NAMES = {"invitation_id": "_id"}


@reporting_outages
class MongoInvitations:
    """All invitations. A TTL index deletes expired ones.

    ``uses_left`` counts down, so that a filter can check it. ``claims`` has the accounts that are being created.
    """

    def __init__(self, database: Database) -> None:
        self._invitations = database["invitations"]

    async def add(self, invitation: Invitation) -> None:
        uses_left = invitation.uses_max - invitation.uses
        await self._invitations.insert_one(to_document(invitation, _NAMES) | {"uses_left": uses_left})

    async def list_valid(self, now: datetime, limit: int) -> list[Invitation]:
        found = self._invitations.find({"expires_at": {"$gt": now}}).sort([("_id", DESCENDING)]).limit(limit)
        return [from_document(Invitation, document, _NAMES) async for document in found]

    async def is_usable(self, secret_hash: str, now: datetime, user_id: str = "") -> bool:
        usable = [{"uses_left": {"$gt": 0}}, {"claims.user_id": user_id}]
        return await self._invitations.find_one({**_valid(secret_hash, now), "$or": usable}) is not None

    async def claim(self, secret_hash: str, user_id: str, now: datetime) -> bool:
        valid = _valid(secret_hash, now)
        changed = await self._invitations.update_one(
            {**valid, "uses_left": {"$gt": 0}, "claims.user_id": {"$ne": user_id}},
            {"$inc": {"uses": 1, "uses_left": -1}, "$push": {"claims": {"user_id": user_id, "claimed_at": now}}},
        )
        return changed.matched_count > 0 or await self._invitations.find_one({**valid, **_claimed(user_id)}) is not None

    async def settle(self, user_id: str) -> None:
        await self._invitations.update_many(_claimed(user_id), _without_claim(user_id))

    async def release(self, user_id: str) -> None:
        change = {"$inc": {"uses": -1, "uses_left": 1}, **_without_claim(user_id)}
        await self._invitations.update_many(_claimed(user_id), change)

    async def claims_before(self, at: datetime) -> list[str]:
        found = self._invitations.find({"claims.claimed_at": {"$lt": at}}, {"claims": True})
        claims = [claim async for invitation in found for claim in invitation["claims"] if claim["claimed_at"] < at]
        return [claim["user_id"] for claim in sorted(claims, key=lambda claim: (claim["claimed_at"], claim["user_id"]))]

    async def remove(self, invitation_id: str) -> bool:
        return (await self._invitations.delete_one({"_id": invitation_id})).deleted_count > 0


def _valid(secret_hash: str, now: datetime) -> Document:
    return {"secret_hash": secret_hash, "expires_at": {"$gt": now}}


def _claimed(user_id: str) -> Document:
    return {"claims.user_id": user_id}


def _without_claim(user_id: str) -> Document:
    return {"$pull": {"claims": {"user_id": user_id}}}
