"""A SQLite store in which a table is missing for a while."""

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path


@contextmanager
def without_table(file: Path, table: str = "users") -> Generator[None]:
    """Rename ``table`` while the block runs, so that every statement that uses the table fails."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(f"ALTER TABLE {table} RENAME TO {table}_away")
        try:
            yield
        finally:
            connection.execute(f"ALTER TABLE {table}_away RENAME TO {table}")
