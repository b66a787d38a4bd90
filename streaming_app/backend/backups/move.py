"""Moves the store of a stopped site from SQLite to MongoDB. The SQLite file keeps its data; its schema may change."""

import asyncio
import shutil
from pathlib import Path

from streaming_app.backend.adapters import sqlite
from streaming_app.backend.adapters.mongo.database_dump import check_is_empty, load_database
from streaming_app.backend.adapters.mongo.restore_marker import MOVE_ID, mark_restore, unmark_restore
from streaming_app.backend.adapters.site_secret import KEY_FILE
from streaming_app.backend.adapters.store_conversion import convert_database
from streaming_app.backend.backups.backup import key_id_of
from streaming_app.backend.backups.restore import locked
from streaming_app.backend.bootstrap import DATABASE_FILE
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import SetupError

UNFINISHED_FOLDER = "move.unfinished"
"""Folder in DATA_DIR with the converted data while it is loaded."""


async def move_to_mongo(settings: Settings) -> dict[str, int]:
    """Copy all records of the SQLite file to the empty database of MONGO_URL. Return their number by collection.

    All documents are read again and compared. A move that was interrupted can be repeated. Raises ``SetupError``.
    """
    if settings.mongo_url is None:
        raise SetupError(
            "Set MONGO_URL to an empty database, and SECRET_KEY to the site's key. Then repeat the command."
        )
    url = settings.mongo_url.get_secret_value()
    data_dir = settings.data_dir
    _check_source(settings)
    try:
        with locked(data_dir):
            await check_is_empty(url, MOVE_ID)
            async with sqlite.open_store(data_dir / DATABASE_FILE):
                pass  # updates the schema
            folder = data_dir / UNFINISHED_FOLDER
            records = await asyncio.to_thread(_convert, data_dir / DATABASE_FILE, folder)
            await mark_restore(url, MOVE_ID)
            await load_database(url, folder)
            await asyncio.to_thread(shutil.rmtree, folder)
            await unmark_restore(url)
    except OSError as failed:
        raise SetupError(f"The data cannot be moved: {failed}. Repeat the command afterwards.") from failed
    return records


def _check_source(settings: Settings) -> None:
    if not (settings.data_dir / DATABASE_FILE).exists():
        raise SetupError(f"DATA_DIR {settings.data_dir.resolve()} has no {DATABASE_FILE}: there is nothing to move.")
    key = settings.data_dir / KEY_FILE
    if key.exists() and key_id_of(settings) != key_id_of(settings.model_copy(update={"secret_key": None})):
        raise SetupError(f"SECRET_KEY is not the key in {key.resolve()}. Set it to the content of that file.")


def _convert(database: Path, folder: Path) -> dict[str, int]:
    shutil.rmtree(folder, ignore_errors=True)  # left over from an interrupted move
    folder.mkdir(mode=0o700)
    return convert_database(database, folder)
