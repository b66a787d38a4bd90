"""Copies of the SQLite file while other processes read and write it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from streaming_app.backend.adapters.store_copy import StoreCopy
from streaming_app.backend.errors import SetupError

BUSY_SECONDS = 30.0
"""Maximum time to wait for a writer of the file."""


def copy_database(source: Path, target: Path) -> StoreCopy:
    """Copy the database to the new file ``target``, as it is at one moment. Raises ``SetupError``.

    A copy of the file alone would lack everything that is still in the write-ahead log. Readers and writers of
    ``source`` do not wait. Blocks.
    """
    try:
        copy_into(source, target)
        return describe(target)
    except sqlite3.Error as failed:
        raise SetupError(f"The database {source} cannot be copied: {failed}.") from failed


def copy_into(source: Path, target: Path) -> None:
    """Copy the database to the new file ``target``, which only its owner can read. Raises ``sqlite3.Error``."""
    target.touch(mode=0o600, exist_ok=False)
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True, timeout=BUSY_SECONDS)) as reader,
        closing(sqlite3.connect(target)) as writer,
    ):
        # All pages in one step: a copy in several steps starts again after each write of another process.
        reader.backup(writer)


def describe(path: Path) -> StoreCopy:
    """Check the copied database, and return what it contains. Raises ``sqlite3.Error`` if it is damaged."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        [(verdict,), *_] = connection.execute("PRAGMA quick_check(1)").fetchall()
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        [version] = connection.execute("PRAGMA user_version").fetchone()
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        counts = {table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in tables}  # noqa: S608 - names of tables
        return StoreCopy(counts, version, _recording_ids(connection), is_snapshot=True)


def _recording_ids(connection: sqlite3.Connection) -> list[str]:
    columns = {column[1] for column in connection.execute("PRAGMA table_info(recordings)")}
    if not columns:
        return []  # the first versions did not record
    shown = "WHERE NOT is_removed" if "is_removed" in columns else ""
    query = f"SELECT recording_id FROM recordings {shown} ORDER BY recording_id"  # noqa: S608 - constants
    return [recording_id for (recording_id,) in connection.execute(query)]
