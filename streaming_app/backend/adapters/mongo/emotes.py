"""Emotes in MongoDB."""

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from streaming_app.backend.adapters.case_folding import fold_case
from streaming_app.backend.adapters.mongo.documents import Database, Document
from streaming_app.backend.adapters.mongo.outages import reporting_outages
from streaming_app.backend.adapters.store_errors import emote_name_taken, no_such_emote
from streaming_app.backend.chat.model import Emote


@reporting_outages
class MongoEmotes:
    """The emotes of all channels, with their pictures."""

    def __init__(self, database: Database) -> None:
        self._emotes = database["emotes"]

    async def add(self, emote: Emote, picture: bytes) -> None:
        try:
            await self._emotes.insert_one({**_document(emote), "picture": picture})
        except DuplicateKeyError:
            raise emote_name_taken() from None

    async def of(self, channel_id: str) -> list[Emote]:
        found = self._emotes.find({"channel_id": channel_id}, {"picture": False}).sort([("name_key", ASCENDING)])
        return [_emote(document) async for document in found]

    async def picture(self, channel_id: str, emote_id: str) -> tuple[str, bytes]:
        document = await self._emotes.find_one({"_id": emote_id, "channel_id": channel_id})
        if document is None:
            raise no_such_emote()
        return document["media_type"], document["picture"]

    async def remove(self, channel_id: str, emote_id: str) -> Emote | None:
        document = await self._emotes.find_one_and_delete(
            {"_id": emote_id, "channel_id": channel_id}, projection={"picture": False}
        )
        return _emote(document) if document else None


def _document(emote: Emote) -> Document:
    return {
        "_id": emote.emote_id,
        "channel_id": emote.channel_id,
        "name": emote.name,
        "name_key": fold_case(emote.name),
        "media_type": emote.media_type,
        "width": emote.width,
        "height": emote.height,
        "added_at": emote.added_at,
    }


def _emote(document: Document) -> Emote:
    return Emote(
        emote_id=document["_id"],
        channel_id=document["channel_id"],
        name=document["name"],
        media_type=document["media_type"],
        width=int(document["width"]),
        height=int(document["height"]),
        added_at=document["added_at"],
    )
