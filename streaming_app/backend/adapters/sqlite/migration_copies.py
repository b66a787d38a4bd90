"""Copies of the database from before each update of its schema, because there is no way back from an update."""

import logging
import sqlite3
from contextlib import suppress
from pathlib import Path

from streaming_app.backend.adapters.sqlite.database_copy import copy_into
from streaming_app.backend.disk_sync import sync

log = logging.getLogger(__name__)

COPIES_FOLDER = "backups"
"""Folder of the copies, next to the database."""
COPIES_KEPT = 3

_PATTERN = "before-schema-{version}.sqlite3"


def keep_copy(database: Path, version: int) -> Path:
    """Copy the database before the update to schema ``version``, and delete the oldest copies.

    The caller holds the write lock of the database, so only one process makes a copy. Raises ``sqlite3.Error`` if there
    is no space for the copy: then the schema must not be updated. Blocks.
    """
    folder = database.parent / COPIES_FOLDER
    target = folder / _PATTERN.format(version=version)
    part = target.with_name(f"{target.name}.part")
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        for left in folder.glob(_PATTERN.format(version="*") + ".part*"):
            if not left.is_dir():
                left.unlink()
        copy_into(database, part)
        part.replace(target)
        sync(folder)
    except (OSError, sqlite3.Error) as failed:
        with suppress(OSError):
            part.unlink()
        message = f"its schema is not updated, because there can be no copy in {folder} before ({failed})"
        raise sqlite3.OperationalError(message) from failed
    log.info("The database before the update to schema %d is kept as %s", version, target)
    for old in copies_in(folder)[COPIES_KEPT:]:
        old.unlink()
    return target


def copies_in(folder: Path) -> list[Path]:
    """Return the copies, newest first."""
    return sorted(folder.glob(_PATTERN.format(version="*")), key=lambda file: file.stat().st_mtime_ns, reverse=True)
