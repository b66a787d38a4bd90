"""A SQLite store that fails for a while: a table of it is gone, and comes back as it was."""

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path


@contextmanager
def without_table(file: Path, table: str = "users") -> Generator[None]:
    """While the block lasts, whatever asks for ``table`` fails."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(f"ALTER TABLE {table} RENAME TO {table}_away")
        try:
            yield
        finally:
            connection.execute(f"ALTER TABLE {table}_away RENAME TO {table}")
