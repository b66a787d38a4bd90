"""Channels and their streams in SQLite."""

import json
import sqlite3
from collections.abc import Collection
from datetime import datetime

from streaming_app.backend.adapters.case_folding import fold_case
from streaming_app.backend.adapters.sqlite.database import Database, to_instant, to_milliseconds
from streaming_app.backend.adapters.store_errors import channel_has_open_stream, owner_has_channel, slug_taken
from streaming_app.backend.errors import NotFoundError
from streaming_app.backend.streams.model import Channel, Latency, Publisher, Stream


class SqliteChannels:
    """All channels."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, channel: Channel) -> None:
        row = _channel_row(channel)
        try:
            await self._database.write(
                "INSERT INTO channels VALUES (:channel_id, :owner_id, :slug, :slug_key, :name, :title, :category,"
                " :key_hash, :key_sealed, :created_at, :latency, :records)",
                row,
            )
        except sqlite3.IntegrityError:
            if await self._database.rows("SELECT 1 FROM channels WHERE owner_id = :owner_id", row):
                raise owner_has_channel() from None
            if await self._database.rows("SELECT 1 FROM channels WHERE slug_key = :slug_key", row):
                raise slug_taken() from None
            raise

    async def get(self, channel_id: str) -> Channel:
        return _one_channel(await self._database.rows("SELECT * FROM channels WHERE channel_id = ?", (channel_id,)))

    async def get_many(self, channel_ids: Collection[str]) -> list[Channel]:
        query = "SELECT * FROM channels WHERE channel_id IN (SELECT value FROM json_each(?))"
        return [_channel(row) for row in await self._database.rows(query, (json.dumps(list(channel_ids)),))]

    async def get_by_owner(self, owner_id: str) -> Channel:
        return _one_channel(await self._database.rows("SELECT * FROM channels WHERE owner_id = ?", (owner_id,)))

    async def get_by_slug(self, slug: str) -> Channel:
        return _one_channel(await self._database.rows("SELECT * FROM channels WHERE slug_key = ?", (fold_case(slug),)))

    async def get_by_key_hash(self, key_hash: str) -> Channel:
        return _one_channel(await self._database.rows("SELECT * FROM channels WHERE key_hash = ?", (key_hash,)))

    async def set_title_and_category(self, channel_id: str, title: str, category: str) -> None:
        change = "UPDATE channels SET title = ?, category = ? WHERE channel_id = ?"
        if not await self._database.write(change, (title, category, channel_id)):
            raise _no_such_channel()

    async def set_latency(self, channel_id: str, latency: Latency) -> None:
        change = "UPDATE channels SET latency = ? WHERE channel_id = ?"
        if not await self._database.write(change, (latency, channel_id)):
            raise _no_such_channel()

    async def set_records(self, channel_id: str, *, records: bool) -> None:
        change = "UPDATE channels SET records = ? WHERE channel_id = ?"
        if not await self._database.write(change, (records, channel_id)):
            raise _no_such_channel()

    async def set_key(self, channel_id: str, key_hash: str, key_sealed: bytes) -> None:
        change = "UPDATE channels SET key_hash = ?, key_sealed = ? WHERE channel_id = ?"
        if not await self._database.write(change, (key_hash, key_sealed, channel_id)):
            raise _no_such_channel()


class SqliteStreams:
    """All streams. What a change expects is in its ``WHERE``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, stream: Stream) -> None:
        try:
            await self._database.write(
                "INSERT INTO streams VALUES (:stream_id, :channel_id, :started_at, :title, :category, :client_id,"
                " :address, :software, :seen_at, :dropped_at, :ended_at, :ended_by_owner)",
                _stream_row(stream),
            )
        except sqlite3.IntegrityError as error:
            if "streams.channel_id" in str(error):
                raise channel_has_open_stream() from None
            raise

    async def latest(self, channel_id: str) -> Stream:
        query = "SELECT * FROM streams WHERE channel_id = ? ORDER BY ended_at DESC NULLS FIRST LIMIT 1"
        rows = await self._database.rows(query, (channel_id,))
        if not rows:
            message = "This channel has not streamed yet."
            raise NotFoundError(message)
        return _stream(rows[0])

    async def all_open(self) -> list[Stream]:
        query = "SELECT * FROM streams WHERE ended_at IS NULL ORDER BY started_at DESC, stream_id"
        return [_stream(row) for row in await self._database.rows(query)]

    async def set_title_and_category(self, stream_id: str, title: str, category: str) -> bool:
        change = (
            "UPDATE streams SET title = :title, category = :category WHERE stream_id = :stream_id AND ended_at IS NULL"
        )
        return await self._changes(change, {"stream_id": stream_id, "title": title, "category": category})

    async def set_seen(self, stream_id: str, client_id: str, at: datetime) -> bool:
        change = (
            "UPDATE streams SET seen_at = :at"
            " WHERE stream_id = :stream_id AND ended_at IS NULL AND client_id = :client_id AND dropped_at IS NULL"
        )
        return await self._changes(change, {"stream_id": stream_id, "client_id": client_id, "at": to_milliseconds(at)})

    async def set_dropped(
        self, stream_id: str, client_id: str, at: datetime, *, seen_at: datetime | None = None
    ) -> bool:
        change = (
            "UPDATE streams SET dropped_at = :at"
            " WHERE stream_id = :stream_id AND ended_at IS NULL AND client_id = :client_id AND dropped_at IS NULL"
            " AND seen_at = coalesce(:seen_at, seen_at)"
        )
        return await self._changes(
            change,
            {
                "stream_id": stream_id,
                "client_id": client_id,
                "at": to_milliseconds(at),
                "seen_at": to_milliseconds(seen_at) if seen_at else None,
            },
        )

    async def set_publisher(self, stream_id: str, expected: Publisher, publisher: Publisher, at: datetime) -> bool:
        change = (
            "UPDATE streams SET client_id = :client_id, address = :address, software = :software, seen_at = :at,"
            " dropped_at = NULL WHERE stream_id = :stream_id AND ended_at IS NULL"
            " AND client_id = :old_client_id AND address = :old_address AND software = :old_software"
        )
        return await self._changes(
            change,
            {
                "stream_id": stream_id,
                "client_id": publisher.client_id,
                "address": publisher.address,
                "software": publisher.software,
                "old_client_id": expected.client_id,
                "old_address": expected.address,
                "old_software": expected.software,
                "at": to_milliseconds(at),
            },
        )

    async def end(self, stream_id: str, at: datetime, *, by_owner: bool) -> bool:
        change = (
            "UPDATE streams SET ended_at = :at, ended_by_owner = :by_owner"
            " WHERE stream_id = :stream_id AND ended_at IS NULL"
        )
        return await self._changes(change, {"stream_id": stream_id, "at": to_milliseconds(at), "by_owner": by_owner})

    async def end_abandoned(self, expected: Stream, at: datetime) -> bool:
        change = (
            "UPDATE streams SET ended_at = :at, ended_by_owner = 0"
            " WHERE stream_id = :stream_id AND ended_at IS NULL AND client_id = :client_id AND address = :address"
            " AND software = :software AND seen_at = :seen_at AND dropped_at IS :dropped_at"
        )
        return await self._changes(change, {**_stream_row(expected), "at": to_milliseconds(at)})

    async def allow_restart(self, stream_id: str) -> bool:
        change = "UPDATE streams SET ended_by_owner = 0 WHERE stream_id = :stream_id AND ended_by_owner = 1"
        return await self._changes(change, {"stream_id": stream_id})

    async def _changes(self, sql: str, parameters: dict[str, object]) -> bool:
        return await self._database.write(sql, parameters) == 1


def _one_channel(rows: list[sqlite3.Row]) -> Channel:
    if not rows:
        raise _no_such_channel()
    return _channel(rows[0])


def _no_such_channel() -> NotFoundError:
    return NotFoundError("There is no such channel.")


def _channel_row(channel: Channel) -> dict[str, object]:
    return {
        "channel_id": channel.channel_id,
        "owner_id": channel.owner_id,
        "slug": channel.slug,
        "slug_key": fold_case(channel.slug),
        "name": channel.name,
        "title": channel.title,
        "category": channel.category,
        "key_hash": channel.key_hash,
        "key_sealed": channel.key_sealed,
        "created_at": to_milliseconds(channel.created_at),
        "latency": channel.latency,
        "records": channel.records,
    }


def _channel(row: sqlite3.Row) -> Channel:
    return Channel(
        channel_id=row["channel_id"],
        owner_id=row["owner_id"],
        slug=row["slug"],
        name=row["name"],
        title=row["title"],
        category=row["category"],
        key_hash=row["key_hash"],
        key_sealed=row["key_sealed"],
        created_at=to_instant(row["created_at"]),
        latency=Latency(row["latency"]),
        records=bool(row["records"]),
    )


def _stream_row(stream: Stream) -> dict[str, object]:
    return {
        "stream_id": stream.stream_id,
        "channel_id": stream.channel_id,
        "started_at": to_milliseconds(stream.started_at),
        "title": stream.title,
        "category": stream.category,
        "client_id": stream.publisher.client_id,
        "address": stream.publisher.address,
        "software": stream.publisher.software,
        "seen_at": to_milliseconds(stream.seen_at),
        "dropped_at": to_milliseconds(stream.dropped_at) if stream.dropped_at else None,
        "ended_at": to_milliseconds(stream.ended_at) if stream.ended_at else None,
        "ended_by_owner": stream.ended_by_owner,
    }


def _stream(row: sqlite3.Row) -> Stream:
    return Stream(
        stream_id=row["stream_id"],
        channel_id=row["channel_id"],
        started_at=to_instant(row["started_at"]),
        title=row["title"],
        category=row["category"],
        publisher=Publisher(row["client_id"], row["address"], row["software"]),
        seen_at=to_instant(row["seen_at"]),
        dropped_at=None if row["dropped_at"] is None else to_instant(row["dropped_at"]),
        ended_at=None if row["ended_at"] is None else to_instant(row["ended_at"]),
        ended_by_owner=bool(row["ended_by_owner"]),
    )
