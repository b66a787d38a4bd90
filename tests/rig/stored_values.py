"""Everything that a store contains, to check what is left of a deleted account."""

from typing import Any

from streaming_app.backend.adapters.mongo.schema_version import SCHEMA
from streaming_app.backend.adapters.sqlite import SqliteStore
from streaming_app.backend.adapters.store import Store


async def rows_of(store: Store) -> dict[str, list[str]]:
    """Return all rows of all tables or collections as text, by the name of the table."""
    users: Any = store.users
    if isinstance(store, SqliteStore):
        database = users._database
        tables = [row[0] for row in await database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table: [str(tuple(row)) for row in await database.rows(f"SELECT * FROM {table}")]  # noqa: S608
            for table in tables
        }
    database = users._users.database
    names = [name for name in await database.list_collection_names() if not name.startswith("system.")]
    names = [name for name in names if name != SCHEMA]  # SQLite keeps the version of its schema outside of its tables
    return {name: [str(document) async for document in database[name].find()] for name in names}


def containing(rows: dict[str, list[str]], *words: str) -> dict[str, list[str]]:
    """Return the rows that contain one of the words, ignoring case, by table."""
    found = {
        table: [line for line in lines if any(word.casefold() in line.casefold() for word in words)]
        for table, lines in rows.items()
    }
    return {table: lines for table, lines in found.items() if lines}
