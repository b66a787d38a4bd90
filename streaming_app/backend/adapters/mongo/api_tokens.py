"""API tokens in MongoDB."""

from pymongo import DESCENDING

from streaming_app.backend.accounts.model import ApiToken
from streaming_app.backend.adapters.mongo.connection_errors import reporting_outages
from streaming_app.backend.adapters.mongo.documents import Database, from_document, to_document
from streaming_app.backend.adapters.store_errors import no_such_token

_NAMES = {"token_id": "_id"}


@reporting_outages
class MongoApiTokens:
    """All valid API tokens."""

    def __init__(self, database: Database) -> None:
        self._tokens = database["api_tokens"]

    async def add(self, token: ApiToken) -> None:
        await self._tokens.insert_one(to_document(token, _NAMES))

    async def get_by_hash(self, token_hash: str) -> ApiToken:
        document = await self._tokens.find_one({"token_hash": token_hash})
        if document is None:
            raise no_such_token()
        return from_document(ApiToken, document, _NAMES)

    async def list_by_user(self, user_id: str) -> list[ApiToken]:
        found = self._tokens.find({"user_id": user_id}).sort([("created_at", DESCENDING), ("_id", DESCENDING)])
        return [from_document(ApiToken, document, _NAMES) async for document in found]

    async def remove(self, user_id: str, token_id: str) -> None:
        await self._tokens.delete_one({"_id": token_id, "user_id": user_id})
