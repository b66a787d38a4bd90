"""A marker in a database that is being loaded, until all records are there. The site does not start while it exists."""

from streaming_app.backend.adapters.mongo.connection import connected, reporting_refusals
from streaming_app.backend.adapters.mongo.documents import Database
from streaming_app.backend.errors import SetupError

MARKER = "unfinished_restore"
"""The collection with the marker."""
MOVE_ID = "move"
"""Identifies a move from SQLite in the marker, as the id of a backup does its restore."""


async def mark_restore(url: str, load_id: str) -> None:
    """Keep the site from starting until ``unmark_restore`` is called. Raises ``SetupError``."""
    async with connected(url) as database:
        with reporting_refusals(url, "let records be loaded"):
            await database[MARKER].update_one({"_id": load_id}, {"$set": {"is_unfinished": True}}, upsert=True)


async def unmark_restore(url: str) -> None:
    """Let the site start. Raises ``SetupError``."""
    async with connected(url) as database:
        with reporting_refusals(url, "let records be loaded"):
            await database[MARKER].drop()


async def check_is_complete(database: Database) -> None:
    """Raises ``SetupError`` if a restore or a move into the database has begun and not ended."""
    found = await _load_id(database)
    if found == MOVE_ID:
        raise SetupError(f"The database {database.name} is not moved completely from SQLite. Repeat `move --to-mongo`.")
    if found:
        raise SetupError(
            f"The database {database.name} has a backup that is not restored completely. Repeat `restore`."
        )


async def was_interrupted(database: Database, load_id: str) -> bool:
    """Return whether this restore or move has begun before. Raises ``SetupError`` if another one has."""
    found = await _load_id(database)
    if not found or found == load_id:
        return found is not None
    what, again = "another backup that was not restored completely", "that restore"
    if found == MOVE_ID:
        what, again = "a move that was interrupted", "`move --to-mongo`"
    raise SetupError(
        f"The database {database.name} has the beginning of {what}. Repeat {again}, or delete the database first."
    )


async def _load_id(database: Database) -> str | None:
    marker = await database[MARKER].find_one({})
    return marker["_id"] if marker else None
