"""Linked identities, and the short-lived records of sign-ins with providers, in MongoDB."""

from datetime import datetime
from typing import Any, Generic, TypeVar

from pymongo.errors import DuplicateKeyError

from streaming_app.backend.accounts.providers.model import Identity
from streaming_app.backend.adapters.mongo.connection_errors import reporting_outages
from streaming_app.backend.adapters.mongo.documents import Database, Document, from_document, to_document
from streaming_app.backend.adapters.store_errors import identity_linked, no_such_identity, sign_in_expired

Record = TypeVar("Record")


@reporting_outages
class MongoIdentities:
    """All linked identities."""

    def __init__(self, database: Database) -> None:
        self._identities = database["identities"]

    async def add(self, identity: Identity) -> None:
        try:
            await self._identities.insert_one(to_document(identity))
        except DuplicateKeyError:
            same = {"provider": identity.provider, "subject": identity.subject, "user_id": identity.user_id}
            if not await self._identities.find_one(same):
                raise identity_linked() from None

    async def get(self, provider: str, subject: str) -> Identity:
        document = await self._identities.find_one({"provider": provider, "subject": subject})
        if document is None:
            raise no_such_identity()
        return from_document(Identity, document)

    async def list_by_user(self, user_id: str) -> list[Identity]:
        found = self._identities.find({"user_id": user_id}).sort("provider")
        return [from_document(Identity, document) async for document in found]

    async def remove(self, user_id: str, provider: str) -> None:
        await self._identities.delete_one({"user_id": user_id, "provider": provider})

    async def remove_all_of(self, user_id: str) -> None:
        await self._identities.delete_many({"user_id": user_id})


@reporting_outages
class MongoShortLivedRecords(Generic[Record]):
    """The records of one kind in a collection. A TTL index deletes expired ones."""

    def __init__(self, database: Database, collection: str, kind: type[Record], key: str) -> None:
        self._records = database[collection]
        self._kind = kind
        self._names = {key: "_id"}

    async def add(self, record: Any, now: datetime) -> None:  # noqa: ARG002 - the index deletes expired records
        await self._records.insert_one(to_document(record, self._names))

    async def get(self, secret_hash: str, now: datetime) -> Record:
        return self._one(await self._records.find_one({"_id": secret_hash, "expires_at": {"$gt": now}}))

    async def take(self, secret_hash: str, now: datetime) -> Record:
        return self._one(await self._records.find_one_and_delete({"_id": secret_hash, "expires_at": {"$gt": now}}))

    def _one(self, document: Document | None) -> Record:
        if document is None:
            raise sign_in_expired()
        return from_document(self._kind, document, self._names)
