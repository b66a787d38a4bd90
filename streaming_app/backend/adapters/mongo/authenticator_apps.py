"""Authenticator apps in MongoDB."""

from pymongo.errors import DuplicateKeyError

from streaming_app.backend.accounts.authenticator_app import AuthenticatorApp
from streaming_app.backend.adapters.mongo.connection_errors import reporting_outages
from streaming_app.backend.adapters.mongo.documents import Database, from_document, to_document
from streaming_app.backend.adapters.store_errors import has_authenticator_app, no_authenticator_app

_NAMES = {"user_id": "_id"}


@reporting_outages
class MongoAuthenticatorApps:
    """All authenticator apps."""

    def __init__(self, database: Database) -> None:
        self._apps = database["authenticator_apps"]

    async def add(self, app: AuthenticatorApp) -> None:
        try:
            await self._apps.insert_one(to_document(app, _NAMES))
        except DuplicateKeyError:
            raise has_authenticator_app() from None

    async def get(self, user_id: str) -> AuthenticatorApp:
        document = await self._apps.find_one({"_id": user_id})
        if document is None:
            raise no_authenticator_app()
        return from_document(AuthenticatorApp, document, _NAMES)

    async def exists(self, user_id: str) -> bool:
        return await self._apps.find_one({"_id": user_id}, {"_id": 1}) is not None

    async def accept_step(self, user_id: str, step: int) -> bool:
        changed = await self._apps.update_one(
            {"_id": user_id, "last_step": {"$lt": step}}, {"$set": {"last_step": step}}
        )
        return changed.matched_count > 0

    async def take_recovery_code(self, user_id: str, code_hash: str) -> bool:
        changed = await self._apps.update_one(
            {"_id": user_id, "recovery_code_hashes": code_hash}, {"$pull": {"recovery_code_hashes": code_hash}}
        )
        return changed.matched_count > 0

    async def replace_recovery_codes(self, user_id: str, code_hashes: tuple[str, ...]) -> None:
        changed = await self._apps.update_one({"_id": user_id}, {"$set": {"recovery_code_hashes": list(code_hashes)}})
        if not changed.matched_count:
            raise no_authenticator_app()

    async def remove(self, user_id: str) -> bool:
        return (await self._apps.delete_one({"_id": user_id})).deleted_count > 0
