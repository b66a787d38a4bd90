"""The removal of ways to sign in, in MongoDB."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import uuid4

from streaming_app.backend.adapters.mongo.connection_errors import reporting_outages
from streaming_app.backend.adapters.mongo.documents import Collection as Documents
from streaming_app.backend.adapters.mongo.documents import Database, Document
from streaming_app.backend.adapters.store_errors import last_sign_in_method

MARK_LIFETIME = timedelta(minutes=1)
"""Age after which a mark does not count, because the process that wrote it has died."""
_UNMARK: Document = {"$unset": {"removal_id": "", "removal_at": ""}}


@reporting_outages
class MongoSignInMethods:
    """Works without transactions, which need a replica set.

    A removal first marks the document, then looks for another way to sign in without a mark, and deletes the document
    only if it still has the mark. Of two simultaneous removals, at least the later one to look sees the mark of the
    other and is refused. A marked document can still be used to sign in.
    """

    def __init__(self, database: Database) -> None:
        self._users = database["users"]
        self._passkeys = database["passkeys"]
        self._identities = database["identities"]

    async def remove_passkey(self, user_id: str, passkey_id: str, usable: Collection[str], now: datetime) -> bool:
        return await self._remove(self._passkeys, {"user_id": user_id, "_id": passkey_id}, usable, now)

    async def remove_identity(self, user_id: str, provider: str, usable: Collection[str], now: datetime) -> bool:
        return await self._remove(self._identities, {"user_id": user_id, "provider": provider}, usable, now)

    async def _remove(self, documents: Documents, which: Document, usable: Collection[str], now: datetime) -> bool:
        mark = uuid4().hex
        marked = await documents.update_one(which, {"$set": {"removal_id": mark, "removal_at": now}})
        if not marked.matched_count:
            return False
        ours = {**which, "removal_id": mark}
        if await self._has_others(which["user_id"], usable, now):
            return (await documents.delete_one(ours)).deleted_count > 0
        await documents.update_one(ours, _UNMARK)
        raise last_sign_in_method()

    async def _has_others(self, user_id: str, usable: Collection[str], now: datetime) -> bool:
        """Whether the user has a password, or a way to sign in that is not marked."""
        if await self._users.find_one({"_id": user_id, "password_hash": {"$ne": ""}}):
            return True
        abandoned = {"user_id": user_id, "removal_at": {"$lt": now - MARK_LIFETIME}}
        for documents in (self._passkeys, self._identities):
            await documents.update_many(abandoned, _UNMARK)
        unmarked = {"user_id": user_id, "removal_id": None}
        if await self._passkeys.find_one(unmarked):
            return True
        return await self._identities.find_one({**unmarked, "provider": {"$in": list(usable)}}) is not None
