"""Passkeys in MongoDB."""

from datetime import datetime

from pymongo.errors import DuplicateKeyError

from streaming_app.backend.accounts.passkeys import Passkey
from streaming_app.backend.adapters.mongo.connection_errors import reporting_outages
from streaming_app.backend.adapters.mongo.documents import Database, from_document, to_document
from streaming_app.backend.adapters.store_errors import no_such_passkey, passkey_exists

_NAMES = {"passkey_id": "_id"}


@reporting_outages
class MongoPasskeys:
    """All passkeys."""

    def __init__(self, database: Database) -> None:
        self._passkeys = database["passkeys"]

    async def add(self, passkey: Passkey) -> None:
        try:
            await self._passkeys.insert_one(to_document(passkey, _NAMES))
        except DuplicateKeyError:
            raise passkey_exists() from None

    async def get(self, passkey_id: str) -> Passkey:
        document = await self._passkeys.find_one({"_id": passkey_id})
        if document is None:
            raise no_such_passkey()
        return from_document(Passkey, document, _NAMES)

    async def list_by_user(self, user_id: str) -> list[Passkey]:
        found = self._passkeys.find({"user_id": user_id}).sort([("added_at", -1), ("_id", 1)])
        return [from_document(Passkey, document, _NAMES) async for document in found]

    async def record_use(self, passkey_id: str, sign_count: int, used_at: datetime) -> bool:
        older = {"$lt": sign_count} if sign_count else 0
        changed = await self._passkeys.update_one(
            {"_id": passkey_id, "sign_count": older}, {"$set": {"sign_count": sign_count, "used_at": used_at}}
        )
        return changed.matched_count > 0

    async def remove_all_of(self, user_id: str) -> None:
        await self._passkeys.delete_many({"user_id": user_id})
