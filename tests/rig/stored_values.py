"""Everything that a store contains, to check what is left of a deleted account, and to delete it."""

from typing import Any

from streaming_app.backend.adapters.mongo.schema_version import SCHEMA
from streaming_app.backend.adapters.sqlite import SqliteStore
from streaming_app.backend.adapters.store import Store


async def rows_of(store: Store) -> dict[str, list[str]]:
    """Return all rows of all tables or collections as text, by the name of the table."""
    database = _database_of(store)
    if isinstance(store, SqliteStore):
        return {
            table: [str(tuple(row)) for row in await database.rows(f"SELECT * FROM {table}")]  # noqa: S608
            for table in await _tables(database)
        }
    return {name: [str(document) async for document in database[name].find()] for name in await _collections(database)}


async def delete_all_rows(store: Store) -> None:
    """Delete the rows of all tables or collections, as in a new store."""
    database = _database_of(store)
    if isinstance(store, SqliteStore):
        for table in await _tables(database):
            await database.write(f"DELETE FROM {table}")  # noqa: S608
        return
    for name in await _collections(database):
        await database[name].delete_many({})


def _database_of(store: Store) -> Any:
    users: Any = store.users
    return users._database if isinstance(store, SqliteStore) else users._users.database


async def _tables(database: Any) -> list[str]:
    return [row[0] for row in await database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]


async def _collections(database: Any) -> list[str]:
    """Return the names of the collections with data of the site."""
    names = [name for name in await database.list_collection_names() if not name.startswith("system.")]
    return [name for name in names if name != SCHEMA]  # SQLite keeps the version of its schema outside of its tables


def containing(rows: dict[str, list[str]], *words: str) -> dict[str, list[str]]:
    """Return the rows that contain one of the words, ignoring case, by table."""
    found = {
        table: [line for line in lines if any(word.casefold() in line.casefold() for word in words)]
        for table, lines in rows.items()
    }
    return {table: lines for table, lines in found.items() if lines}
