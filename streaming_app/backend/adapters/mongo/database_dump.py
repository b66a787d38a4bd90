"""Dumps all collections to BSON files, in the format of ``mongodump``, and loads them into an empty database."""

import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote, unquote

import bson
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from motor.motor_asyncio import AsyncIOMotorClientSession
from pymongo import ASCENDING

from streaming_app.backend.adapters.mongo.connection import connected, reporting_refusals
from streaming_app.backend.adapters.mongo.documents import Collection, Database
from streaming_app.backend.adapters.mongo.indexes import ensure_indexes, unique_keys
from streaming_app.backend.adapters.mongo.restore_marker import MARKER, check_is_complete, was_interrupted
from streaming_app.backend.adapters.mongo.schema_version import SCHEMA, stored_version
from streaming_app.backend.adapters.store_copy import StoreCopy
from streaming_app.backend.errors import SetupError

SUFFIX = ".bson"
BATCH_BYTES = 8_000_000
ATTEMPTS = 10
"""How often a collection is read if it changes while it is read without a snapshot."""

_READ_LAST = ("streams", "channels", "users")
"""Collections to which others refer, so that without a snapshot their documents are not older than the references."""
_SNAPSHOT_SERVERS = {"RSPrimary", "RSSecondary", "Mongos"}
_SNAPSHOT_WIRE_VERSION = 13
"""Wire version of MongoDB 5.0, the first one with snapshot reads."""
_RAW: CodecOptions[RawBSONDocument] = CodecOptions(RawBSONDocument, tz_aware=True)


async def dump_database(url: str, folder: Path) -> StoreCopy:
    """Write each collection of the database to a file. Raises ``SetupError``, also for a half-restored database.

    On a replica set all documents are from the same moment. Otherwise each document is complete, but they are from
    different moments of the dump; unique fields are unique.
    """
    async with connected(url) as database:
        with reporting_refusals(url, "let its collections be read"):
            await database.command("ping")
            await check_is_complete(database)
            if _has_snapshots(database):
                async with await database.client.start_session(snapshot=True) as session:
                    return await _dump(database, folder, session)
            return await _dump(database, folder, None)


async def load_database(url: str, folder: Path) -> None:
    """Load the files of a dump into an empty database. Raises ``SetupError``.

    ``mark_restore`` was called before. If the process dies, the same dump can be loaded again. All documents are read
    again and compared with the files.
    """
    files = _files_of(folder)
    async with connected(url) as database:
        with reporting_refusals(url, "let the backup be restored"):
            await ensure_indexes(database)
            await database[SCHEMA].delete_many({})  # a backup from before versions has none, and must be updated
            for file in files:
                collection = database[unquote(file.name.removesuffix(SUFFIX))]
                await collection.delete_many({})
                for batch in _batches(file):
                    await collection.insert_many(batch, ordered=False)
                await check_loaded(collection, file)


async def check_loaded(collection: Collection, file: Path) -> None:
    """Raises ``SetupError`` if the collection is not equal to the file, except for documents that have expired."""
    expected = {repr(document["_id"]): (_digest(document), document.get("expires_at")) for document in _documents(file)}
    async for document in collection.with_options(codec_options=_RAW).find({}):
        digest, _ = expected.pop(repr(document["_id"]), (b"", None))
        if digest != _digest(document):
            raise SetupError(
                f"The document {document['_id']} of {collection.name} is not as it was written. Try again."
            )
    now = datetime.now(UTC)
    lost = [key for key, (_, expires_at) in expected.items() if expires_at is None or expires_at > now]
    if lost:
        raise SetupError(f"{len(lost)} documents of {collection.name} are missing in MongoDB. Try again.")


def _digest(document: RawBSONDocument) -> bytes:
    return hashlib.sha256(document.raw).digest()


async def check_is_empty(url: str, load_id: str) -> bool:
    """Return whether this restore or move has begun before and was interrupted.

    Raises ``SetupError`` if it has not, and the database has documents.
    """
    async with connected(url) as database:
        with reporting_refusals(url, "let its collections be read"):
            await database.command("ping")
            if await was_interrupted(database, load_id):
                return True
            for name in await _collections(database):
                if name != SCHEMA and await database[name].find_one({}, {"_id": True}):
                    raise SetupError(
                        f"The database {database.name} is not empty: it has {name}. A restore replaces nothing. Name an"
                        " empty database in MONGO_URL."
                    )
            return False


def _has_snapshots(database: Database) -> bool:
    topology: Any = database.client.topology_description
    servers = topology.server_descriptions().values()
    return any(
        server.server_type_name in _SNAPSHOT_SERVERS and server.max_wire_version >= _SNAPSHOT_WIRE_VERSION
        for server in servers
    )


async def _collections(database: Database) -> list[str]:
    names = await database.list_collection_names()
    order = {SCHEMA: -1} | {name: number for number, name in enumerate(_READ_LAST, 1)}
    # The version is read first: it may be older than the documents, which are then updated once more, but never newer.
    wanted = [name for name in names if not name.startswith("system.") and name != MARKER]
    return sorted(wanted, key=lambda name: (order.get(name, 0), name))


async def _dump(database: Database, folder: Path, session: AsyncIOMotorClientSession | None) -> StoreCopy:
    records: dict[str, int] = {}
    version = await stored_version(database)
    for name in await _collections(database):
        file = folder / f"{quote(name, safe='')}{SUFFIX}"
        records[name] = await _write_consistently(database, name, file, session)
    recordings = folder / f"recordings{SUFFIX}"
    shown = [d["_id"] for d in _documents(recordings) if not d.get("is_removed")] if recordings.exists() else []
    records.pop(SCHEMA, None)
    return StoreCopy(records, version, sorted(shown), is_snapshot=session is not None)


async def _write_consistently(
    database: Database, name: str, file: Path, session: AsyncIOMotorClientSession | None
) -> int:
    """Write a collection, and again if two of its documents cannot exist at once. Return the number of documents."""
    for _ in range(ATTEMPTS):
        count = await _write(database, name, file, session)
        if session or all(_is_unique(file, fields) for fields in unique_keys(name)):
            return count
    raise SetupError(f"The collection {name} changes too fast for a backup. Make MongoDB a replica set, and try again.")


async def _write(database: Database, name: str, file: Path, session: AsyncIOMotorClientSession | None) -> int:
    count = 0
    collection = database[name].with_options(codec_options=_RAW)
    with _private_file(file) as output:
        # By _id, which never changes, so that no document is read twice.
        async for document in collection.find({}, session=session).sort("_id", ASCENDING):
            output.write(document.raw)
            count += 1
        output.flush()
        os.fsync(output.fileno())
    return count


def _private_file(path: Path) -> BinaryIO:
    """Create an empty file that only its owner can read, or empty it."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _is_unique(file: Path, fields: tuple[str, ...]) -> bool:
    seen: set[tuple[object, ...]] = set()
    for document in _documents(file):
        if any(field not in document for field in fields):
            continue
        values = tuple(document[field] for field in fields)
        if values in seen:
            return False
        seen.add(values)
    return True


def _files_of(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{SUFFIX}"))


def _documents(file: Path) -> Iterator[RawBSONDocument]:
    with file.open("rb") as content:
        yield from bson.decode_file_iter(content, _RAW)


def _batches(file: Path) -> Iterator[list[RawBSONDocument]]:
    batch: list[RawBSONDocument] = []
    size = 0
    for document in _documents(file):
        if batch and size + len(document.raw) > BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(document)
        size += len(document.raw)
    if batch:
        yield batch
