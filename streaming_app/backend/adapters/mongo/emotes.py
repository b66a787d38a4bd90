"""Emotes in MongoDB."""

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from streaming_app.backend.adapters.case_folding import fold_case
from streaming_app.backend.adapters.mongo.connection_errors import reporting_outages
from streaming_app.backend.adapters.mongo.documents import Database, from_document, to_document
from streaming_app.backend.adapters.store_errors import emote_name_taken, no_such_emote
from streaming_app.backend.chat.model import Emote

_NAMES = {"emote_id": "_id"}


@reporting_outages
class MongoEmotes:
    """The emotes of all channels, with their pictures."""

    def __init__(self, database: Database) -> None:
        self._emotes = database["emotes"]

    async def add(self, emote: Emote, picture: bytes) -> None:
        document = to_document(emote, _NAMES) | {"name_key": fold_case(emote.name), "picture": picture}
        try:
            await self._emotes.insert_one(document)
        except DuplicateKeyError:
            raise emote_name_taken() from None

    async def of(self, channel_id: str) -> list[Emote]:
        found = self._emotes.find({"channel_id": channel_id}, {"picture": False}).sort([("name_key", ASCENDING)])
        return [from_document(Emote, document, _NAMES) async for document in found]

    async def picture(self, channel_id: str, emote_id: str) -> tuple[str, bytes]:
        document = await self._emotes.find_one({"_id": emote_id, "channel_id": channel_id})
        if document is None:
            raise no_such_emote()
        return document["media_type"], document["picture"]

    async def remove(self, channel_id: str, emote_id: str) -> bool:
        removed = await self._emotes.delete_one({"_id": emote_id, "channel_id": channel_id})
        return removed.deleted_count == 1
