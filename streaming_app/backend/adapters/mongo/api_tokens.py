"""API tokens in MongoDB."""

from contextlib import suppress
from datetime import datetime

from pymongo import DESCENDING
from pymongo.errors import DuplicateKeyError

from streaming_app.backend.accounts.model import ApiToken
from streaming_app.backend.adapters.mongo.connection_errors import reporting_outages
from streaming_app.backend.adapters.mongo.documents import Database, from_document, to_document
from streaming_app.backend.adapters.store_errors import no_such_token

_NAMES = {"token_id": "_id"}


@reporting_outages
class MongoApiTokens:
    """All API tokens.

    ``slot_key`` limits the tokens of a user: it is unique, and contains the user's id and a number below the limit.
    Tokens from before the limit have none.
    """

    def __init__(self, database: Database) -> None:
        self._tokens = database["api_tokens"]

    async def add(self, token: ApiToken, most: int) -> bool:
        theirs = [each.get("slot_key") async for each in self._tokens.find({"user_id": token.user_id})]
        slots = [f"{token.user_id} {number}" for number in range(most - theirs.count(None))]
        for slot_key in [slot for slot in slots if slot not in theirs]:
            with suppress(DuplicateKeyError):
                await self._tokens.insert_one(to_document(token, _NAMES) | {"slot_key": slot_key})
                return True
        return False

    async def get_by_hash(self, token_hash: str) -> ApiToken:
        document = await self._tokens.find_one({"token_hash": token_hash})
        if document is None:
            raise no_such_token()
        return from_document(ApiToken, document, _NAMES)

    async def list_by_user(self, user_id: str) -> list[ApiToken]:
        found = self._tokens.find({"user_id": user_id}).sort([("created_at", DESCENDING), ("_id", DESCENDING)])
        return [from_document(ApiToken, document, _NAMES) async for document in found]

    async def set_used(self, token_id: str, at: datetime) -> None:
        await self._tokens.update_one({"_id": token_id}, {"$set": {"last_used_at": at}})

    async def remove(self, user_id: str, token_id: str) -> None:
        await self._tokens.delete_one({"_id": token_id, "user_id": user_id})
