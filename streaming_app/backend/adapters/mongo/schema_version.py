"""The version of the schema, in the document of the collection ``schema``, and the update to the current one.

One process updates the documents; the others wait. That process renews its lock. A process that has not seen the lock
change for ``STALE_SECONDS`` takes it over, so no clocks are compared.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from time import monotonic
from uuid import uuid4

from pymongo.errors import DuplicateKeyError, PyMongoError

from streaming_app.backend.adapters.mongo.documents import Collection, Database
from streaming_app.backend.adapters.mongo.migrations import STEPS, Step
from streaming_app.backend.background_tasks import in_background
from streaming_app.backend.errors import SetupError

log = logging.getLogger(__name__)

SCHEMA = "schema"
"""The collection with the document, and the document's id."""
RENEWAL_SECONDS = 2.0
STALE_SECONDS = 15.0
POLL_SECONDS = 0.2
_NOBODY = ""
"""The ``lock`` while no process updates the documents. Otherwise it is a random value, a new one at each renewal."""


async def stored_version(database: Database) -> int:
    """Return the version of the schema; 0 for a database from before versions, and for an empty one."""
    document = await database[SCHEMA].find_one({"_id": SCHEMA})
    return int(document["version"]) if document else 0


async def update_schema(database: Database, steps: Sequence[Step] = STEPS) -> None:
    """Update the documents to the current schema, or wait until another process has done so. Raises ``SetupError``."""
    check_version(database.name, await stored_version(database), len(steps))
    schema = database[SCHEMA]
    await _create(schema)
    seen, seen_at = _NOBODY, monotonic()
    while (document := await schema.find_one({"_id": SCHEMA}) or {"version": 0})["version"] < len(steps):
        current = document.get("lock", _NOBODY)
        if current != seen:
            seen, seen_at = current, monotonic()
        if current == _NOBODY or monotonic() - seen_at > STALE_SECONDS:
            lock = _Lock(schema)
            if await lock.take(current):
                try:
                    async with in_background(lock.keep()):
                        await _run(database, schema, steps)
                finally:
                    await lock.release()
                continue
        await asyncio.sleep(POLL_SECONDS)
    check_version(database.name, await stored_version(database), len(steps))


def check_version(database: str, version: int, supported: int = len(STEPS)) -> None:
    """Raises ``SetupError`` if the schema is newer than the program."""
    if version > supported:
        raise SetupError(
            f"The database {database} cannot be used: it was created by a newer version of this program (schema"
            f" {version}, supported: {supported})."
        )


async def _create(schema: Collection) -> None:
    """Create the document if it does not exist."""
    try:
        await schema.update_one({"_id": SCHEMA}, {"$setOnInsert": {"version": 0, "lock": _NOBODY}}, upsert=True)
    except DuplicateKeyError:
        return  # another process has created it at the same time


async def _run(database: Database, schema: Collection, steps: Sequence[Step]) -> None:
    version = await stored_version(database)
    for number, step in enumerate(steps[version:], version + 1):
        await step(database)
        done = await schema.update_one({"_id": SCHEMA, "version": number - 1}, {"$set": {"version": number}})
        if not done.matched_count:
            return  # another process has taken over the lock, and does the rest
    log.info("The schema of the database is %d", len(steps))


class _Lock:
    """The right of one process to update the documents."""

    def __init__(self, schema: Collection) -> None:
        self._schema = schema
        self._value = uuid4().hex

    async def take(self, current: str) -> bool:
        """Take the lock if its value is still ``current``."""
        return await self._replace(current, self._value)

    async def keep(self) -> None:
        """Renew the lock until another process has taken it."""
        while True:
            await asyncio.sleep(RENEWAL_SECONDS)
            renewed = uuid4().hex
            with suppress(PyMongoError):  # tried again, as long as nobody has taken it
                if not await self._replace(self._value, renewed):
                    return
                self._value = renewed

    async def release(self) -> None:
        """Release the lock, unless another process has taken it."""
        await self._replace(self._value, _NOBODY)

    async def _replace(self, old: str, new: str) -> bool:
        changed = await self._schema.update_one({"_id": SCHEMA, "lock": old}, {"$set": {"lock": new}})
        return changed.matched_count == 1
