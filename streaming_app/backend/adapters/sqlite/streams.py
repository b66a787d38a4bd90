"""Channels and their streams in SQLite."""

import json
import sqlite3
from collections.abc import Collection
from datetime import datetime
from typing import Unpack

from streaming_app.backend.adapters.case_folding import fold_case
from streaming_app.backend.adapters.sqlite.database import Database
from streaming_app.backend.adapters.sqlite.rows import (
    from_row,
    insert_into,
    row_before,
    to_column,
    to_milliseconds,
    to_row,
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

_WITH_LATEST_STREAM = """
    SELECT c.*, s.title AS stream_title, s.category AS stream_category, s.*
    FROM channels AS c LEFT JOIN streams AS s ON s.stream_id = (
        SELECT stream_id FROM streams WHERE channel_id = c.channel_id ORDER BY ended_at DESC NULLS FIRST LIMIT 1
    )
    WHERE c.slug_key = ? AND NOT c.is_hidden
"""
_OF_STREAM = {"title": "stream_title", "category": "stream_category"}
"""Maps fields of the stream to their columns in the query, because the channel has columns of the same names."""


class SqliteChannels:
    """All channels. The channels of accounts that will be deleted are hidden."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, channel: Channel) -> None:
        row = to_row(channel) | {"slug_key": fold_case(channel.slug)}
        try:
            await self._database.write(insert_into("channels", row), row)
        except sqlite3.IntegrityError:
            if await self._database.rows("SELECT 1 FROM channels WHERE owner_id = :owner_id", row):
                raise owner_has_channel() from None
            if await self._database.rows("SELECT 1 FROM channels WHERE slug_key = :slug_key", row):
                raise slug_taken() from None
            raise

    async def get(self, channel_id: str) -> Channel:
        return await self._one("channel_id = ?", channel_id)

    async def get_many(self, channel_ids: Collection[str]) -> list[Channel]:
        query = "SELECT * FROM channels WHERE channel_id IN (SELECT value FROM json_each(?)) AND NOT is_hidden"
        return [from_row(Channel, row) for row in await self._database.rows(query, (json.dumps(list(channel_ids)),))]

    async def get_by_owner(self, owner_id: str) -> Channel:
        return await self._one("owner_id = ?", owner_id)

    async def get_by_slug(self, slug: str) -> Channel:
        return await self._one("slug_key = ?", fold_case(slug))

    async def list_after(self, slug: str, limit: int) -> list[Channel]:
        query = "SELECT * FROM channels WHERE slug_key > ? AND NOT is_hidden ORDER BY slug_key LIMIT ?"
        return [from_row(Channel, row) for row in await self._database.rows(query, (fold_case(slug), limit))]

    async def get_with_latest_stream(self, slug: str) -> tuple[Channel, Stream | None]:
        rows = await self._database.rows(_WITH_LATEST_STREAM, (fold_case(slug),))
        channel = _one_channel(rows)
        return channel, from_row(Stream, rows[0], _OF_STREAM) if rows[0]["stream_id"] else None

    async def get_by_key_hash(self, key_hash: str) -> Channel:
        return await self._one("key_hash = ?", key_hash)

    async def update(self, channel_id: str, **changes: Unpack[ChannelChanges]) -> None:
        row = {column: to_column(value) for column, value in changes.items()}
        settings = ", ".join(f"{column} = :{column}" for column in row)
        change = f"UPDATE channels SET {settings} WHERE channel_id = :channel_id"  # noqa: S608 - field names
        if not await self._database.write(change, row | {"channel_id": channel_id}):
            raise no_such_channel()

    async def replace_title_and_category(self, expected: Channel, title: str, category: str) -> bool:
        change = (
            "UPDATE channels SET title = :title, category = :category"
            " WHERE channel_id = :channel_id AND title = :old_title AND category = :old_category"
        )
        parameters = {
            "channel_id": expected.channel_id,
            "title": title,
            "category": category,
            "old_title": expected.title,
            "old_category": expected.category,
        }
        return await self._database.write(change, parameters) == 1

    async def _one(self, which: str, value: str) -> Channel:
        query = f"SELECT * FROM channels WHERE {which} AND NOT is_hidden"  # noqa: S608 - constants of this module
        return _one_channel(await self._database.rows(query, (value,)))


class SqliteStreams:
    """All streams. Updates check the expected state in their ``WHERE`` clause."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, stream: Stream) -> None:
        row = to_row(stream)
        try:
            await self._database.write(insert_into("streams", row), row)
        except sqlite3.IntegrityError as error:
            if "streams.channel_id" in str(error):
                raise channel_has_open_stream() from None
            raise

    async def latest(self, channel_id: str) -> Stream:
        query = "SELECT * FROM streams WHERE channel_id = ? ORDER BY ended_at DESC NULLS FIRST LIMIT 1"
        rows = await self._database.rows(query, (channel_id,))
        if not rows:
            raise never_streamed()
        return from_row(Stream, rows[0])

    async def get(self, stream_id: str) -> Stream:
        rows = await self._database.rows("SELECT * FROM streams WHERE stream_id = ?", (stream_id,))
        if not rows:
            raise no_such_stream()
        return from_row(Stream, rows[0])

    async def list_by_channel(
        self, channel_id: str, limit: int, before: tuple[datetime, str] | None = None
    ) -> list[Stream]:
        query = (
            "SELECT * FROM streams WHERE channel_id = ? AND (started_at, stream_id) < (?, ?)"
            " ORDER BY started_at DESC, stream_id DESC LIMIT ?"
        )
        rows = await self._database.rows(query, (channel_id, *row_before(before), limit))
        return [from_row(Stream, row) for row in rows]

    async def all_open(self) -> list[Stream]:
        query = "SELECT * FROM streams WHERE ended_at IS NULL ORDER BY started_at DESC, stream_id"
        return [from_row(Stream, row) for row in await self._database.rows(query)]

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
        return await self._changes(change, {**to_row(expected), "at": to_milliseconds(at)})

    async def allow_restart(self, stream_id: str) -> bool:
        change = "UPDATE streams SET ended_by_owner = 0 WHERE stream_id = :stream_id AND ended_by_owner = 1"
        return await self._changes(change, {"stream_id": stream_id})

    async def _changes(self, sql: str, parameters: dict[str, object]) -> bool:
        return await self._database.write(sql, parameters) == 1


def _one_channel(rows: list[sqlite3.Row]) -> Channel:
    if not rows:
        raise no_such_channel()
    return from_row(Channel, rows[0])
