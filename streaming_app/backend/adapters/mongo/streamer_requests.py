"""Requests to stream in MongoDB."""

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from streaming_app.backend.adapters.mongo.connection_errors import reporting_outages
from streaming_app.backend.adapters.mongo.documents import Database, from_document, to_document
from streaming_app.backend.streams.streamer_requests import RequestStatus, StreamerRequest

_NAMES = {"user_id": "_id"}


@reporting_outages
class MongoStreamerRequests:
    """All requests to stream."""

    def __init__(self, database: Database) -> None:
        self._requests = database["streamer_requests"]

    async def ask(self, request: StreamerRequest) -> bool:
        replaced = {"_id": request.user_id, "status": RequestStatus.REFUSED.value}
        try:
            await self._requests.replace_one(replaced, to_document(request, _NAMES), upsert=True)
        except DuplicateKeyError:
            return False
        return True

    async def put(self, request: StreamerRequest) -> None:
        await self._requests.replace_one({"_id": request.user_id}, to_document(request, _NAMES), upsert=True)

    async def of(self, user_id: str) -> StreamerRequest | None:
        document = await self._requests.find_one({"_id": user_id})
        return from_document(StreamerRequest, document, _NAMES) if document else None

    async def with_status(self, status: RequestStatus, limit: int) -> list[StreamerRequest]:
        found = self._requests.find({"status": status.value}).sort([("requested_at", ASCENDING), ("_id", ASCENDING)])
        return [from_document(StreamerRequest, document, _NAMES) async for document in found.limit(limit)]
