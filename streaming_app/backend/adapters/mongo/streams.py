"""Channels and their streams in MongoDB."""

from collections.abc import Collection
from datetime import datetime
from typing import Unpack

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from streaming_app.backend.adapters.case_folding import fold_case
from streaming_app.backend.adapters.mongo import documents
from streaming_app.backend.adapters.mongo.connection_errors import reporting_outages
from streaming_app.backend.adapters.mongo.documents import (
    Database,
    Document,
    from_document,
    newest_before,
    to_document,
    to_value,
)
from streaming_app.backend.adapters.store_errors import (
    channel_has_open_stream,
    never_streamed,
    no_such_channel,
    no_such_stream,
    owner_has_channel,
    slug_taken,
)
from streaming_app.backend.streams.model import Channel, ChannelChanges, Publisher, Stream

_CHANNEL = {"channel_id": "_id"}
_STREAM = {"stream_id": "_id"}
SHOWN: Document = {"is_hidden": {"$ne": True}}
"""Filter for channels that are not hidden."""


@reporting_outages
class MongoChannels:
    """All channels. The channels of accounts that will be deleted are hidden."""

    def __init__(self, database: Database) -> None:
        self._channels = database["channels"]
        self._streams = database["streams"]

    async def add(self, channel: Channel) -> None:
        document = to_document(channel, _CHANNEL) | {"slug_key": fold_case(channel.slug)}
        try:
            await self._channels.insert_one(document)
        except DuplicateKeyError:
            # use queries, because the error text differs between servers
            if await self._channels.find_one({"owner_id": channel.owner_id}):
                raise owner_has_channel() from None
            if await self._channels.find_one({"slug_key": document["slug_key"]}):
                raise slug_taken() from None
            raise

    async def get(self, channel_id: str) -> Channel:
        return await self._one({"_id": channel_id})

    async def get_many(self, channel_ids: Collection[str]) -> list[Channel]:
        return [
            _channel(document) async for document in self._channels.find({"_id": {"$in": list(channel_ids)}, **SHOWN})
        ]

    async def get_by_owner(self, owner_id: str) -> Channel:
        return await self._one({"owner_id": owner_id})

    async def get_by_slug(self, slug: str) -> Channel:
        return await self._one({"slug_key": fold_case(slug)})

    async def list_after(self, slug: str, limit: int) -> list[Channel]:
        if not limit:
            return []  # MongoDB treats 0 as no limit
        found = self._channels.find({"slug_key": {"$gt": fold_case(slug)}, **SHOWN})
        found = found.sort([("slug_key", ASCENDING)]).limit(limit)
        return [_channel(document) async for document in found]

    async def get_with_latest_stream(self, slug: str) -> tuple[Channel, Stream | None]:
        channel = await self.get_by_slug(slug)
        latest = await _latest(self._streams, channel.channel_id)
        return channel, from_document(Stream, latest, _STREAM) if latest else None

    async def get_by_key_hash(self, key_hash: str) -> Channel:
        return await self._one({"key_hash": key_hash})

    async def update(self, channel_id: str, **changes: Unpack[ChannelChanges]) -> None:
        fields = {field: to_value(value) for field, value in changes.items()}
        changed = await self._channels.update_one({"_id": channel_id}, {"$set": fields})
        if not changed.matched_count:
            raise no_such_channel()

    async def replace_title_and_category(self, expected: Channel, title: str, category: str) -> bool:
        unchanged = {"_id": expected.channel_id, "title": expected.title, "category": expected.category}
        changed = await self._channels.update_one(unchanged, {"$set": {"title": title, "category": category}})
        return changed.matched_count == 1

    async def _one(self, query: Document) -> Channel:
        document = await self._channels.find_one({**query, **SHOWN})
        if document is None:
            raise no_such_channel()
        return _channel(document)


@reporting_outages
class MongoStreams:
    """All streams. Updates filter by the expected state; ``open_key`` allows one open stream for each channel."""

    def __init__(self, database: Database) -> None:
        self._streams = database["streams"]

    async def add(self, stream: Stream) -> None:
        open_key = stream.stream_id if stream.ended_at else stream.channel_id
        document = to_document(stream, _STREAM) | {"open_key": open_key}
        try:
            await self._streams.insert_one(document)
        except DuplicateKeyError:
            if await self._streams.find_one({"open_key": stream.channel_id}):
                raise channel_has_open_stream() from None
            raise

    async def latest(self, channel_id: str) -> Stream:
        document = await _latest(self._streams, channel_id)
        if document is None:
            raise never_streamed()
        return from_document(Stream, document, _STREAM)

    async def get(self, stream_id: str) -> Stream:
        document = await self._streams.find_one({"_id": stream_id})
        if document is None:
            raise no_such_stream()
        return from_document(Stream, document, _STREAM)

    async def list_by_channel(
        self, channel_id: str, limit: int, before: tuple[datetime, str] | None = None
    ) -> list[Stream]:
        if not limit:
            return []  # MongoDB treats 0 as no limit
        found = self._streams.find({"channel_id": channel_id, **newest_before("started_at", before)})
        found = found.sort([("started_at", DESCENDING), ("_id", DESCENDING)]).limit(limit)
        return [from_document(Stream, document, _STREAM) async for document in found]

    async def all_open(self) -> list[Stream]:
        newest_first = self._streams.find({"ended_at": None}).sort([("started_at", DESCENDING), ("_id", ASCENDING)])
        return [from_document(Stream, document, _STREAM) async for document in newest_first]

    async def set_title_and_category(self, stream_id: str, title: str, category: str) -> bool:
        return await self._change_open(stream_id, {}, {"title": title, "category": category})

    async def set_seen(self, stream_id: str, client_id: str, at: datetime) -> bool:
        connected = {"publisher.client_id": client_id, "dropped_at": None}
        return await self._change_open(stream_id, connected, {"seen_at": at})

    async def set_dropped(
        self, stream_id: str, client_id: str, at: datetime, *, seen_at: datetime | None = None
    ) -> bool:
        connected: Document = {"publisher.client_id": client_id, "dropped_at": None}
        if seen_at:
            connected["seen_at"] = seen_at
        return await self._change_open(stream_id, connected, {"dropped_at": at})

    async def set_publisher(self, stream_id: str, expected: Publisher, publisher: Publisher, at: datetime) -> bool:
        theirs = _published_by(expected)
        back = {"publisher": to_document(publisher), "seen_at": at, "dropped_at": None}
        return await self._change_open(stream_id, theirs, back)

    async def end(self, stream_id: str, at: datetime, *, by_owner: bool) -> bool:
        return await self._change_open(stream_id, {}, _over(stream_id, at, by_owner=by_owner))

    async def end_abandoned(self, expected: Stream, at: datetime) -> bool:
        unchanged = {
            **_published_by(expected.publisher),
            "seen_at": expected.seen_at,
            "dropped_at": expected.dropped_at,
        }
        over = _over(expected.stream_id, at, by_owner=False)
        return await self._change_open(expected.stream_id, unchanged, over)

    async def allow_restart(self, stream_id: str) -> bool:
        ended_by_owner = {"_id": stream_id, "ended_by_owner": True}
        released = await self._streams.update_one(ended_by_owner, {"$set": {"ended_by_owner": False}})
        return released.matched_count == 1

    async def _change_open(self, stream_id: str, expected: Document, fields: Document) -> bool:
        changed = await self._streams.update_one({"_id": stream_id, "ended_at": None, **expected}, {"$set": fields})
        return changed.matched_count == 1


def _channel(document: Document) -> Channel:
    return from_document(Channel, document, _CHANNEL)


async def _latest(streams: documents.Collection, channel_id: str) -> Document | None:
    """Return the channel's open stream, or the one that ended last."""
    return await streams.find_one({"open_key": channel_id}) or await streams.find_one(
        {"channel_id": channel_id}, sort=[("ended_at", DESCENDING)]
    )


def _published_by(publisher: Publisher) -> Document:
    return {f"publisher.{field}": value for field, value in to_document(publisher).items()}


def _over(stream_id: str, at: datetime, *, by_owner: bool) -> Document:
    return {"ended_at": at, "ended_by_owner": by_owner, "open_key": stream_id}
