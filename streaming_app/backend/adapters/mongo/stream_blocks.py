"""Blocked channels in MongoDB."""

from pymongo import ASCENDING, DESCENDING

from streaming_app.backend.adapters.mongo.connection_errors import reporting_outages
from streaming_app.backend.adapters.mongo.documents import Database, from_document, to_document
from streaming_app.backend.streams.stream_blocks import StreamBlock

_NAMES = {"channel_id": "_id"}


@reporting_outages
class MongoStreamBlocks:
    """All blocks of channels."""

    def __init__(self, database: Database) -> None:
        self._blocks = database["stream_blocks"]

    async def put(self, block: StreamBlock) -> None:
        await self._blocks.replace_one({"_id": block.channel_id}, to_document(block, _NAMES), upsert=True)

    async def of(self, channel_id: str) -> list[StreamBlock]:
        document = await self._blocks.find_one({"_id": channel_id})
        return [from_document(StreamBlock, document, _NAMES)] if document else []

    async def newest(self, limit: int) -> list[StreamBlock]:
        found = self._blocks.find({}).sort([("since", DESCENDING), ("_id", ASCENDING)]).limit(limit)
        return [from_document(StreamBlock, document, _NAMES) async for document in found]

    async def remove(self, channel_id: str) -> None:
        await self._blocks.delete_one({"_id": channel_id})
