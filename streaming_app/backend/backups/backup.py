"""Makes a backup of a site while it runs."""

import asyncio
from pathlib import Path

from streaming_app.backend.adapters.mongo.database_dump import dump_database
from streaming_app.backend.adapters.site_secret import KEY_FILE, open_secrets
from streaming_app.backend.adapters.sqlite.database_copy import copy_database
from streaming_app.backend.adapters.store_copy import StoreCopy
from streaming_app.backend.backups.checksums import CHECKSUMS, digest_of, write_checksums
from streaming_app.backend.backups.durable_files import copy_file
from streaming_app.backend.backups.manifest import (
    FORMAT_VERSION,
    RECORDINGS_FOLDER,
    STORE_FOLDER,
    Manifest,
    write_manifest,
)
from streaming_app.backend.backups.recording_files import back_up_recordings
from streaming_app.backend.backups.unfinished_folder import unfinished_folder
from streaming_app.backend.bootstrap import DATABASE_FILE, now
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import SetupError

KEY_PURPOSE = "backup-key-id"
KEY_ID_LENGTH = 16


async def back_up(settings: Settings, target: Path, *, with_recordings: bool, with_secret_key: bool) -> Manifest:
    """Make a backup in the new folder ``target``, and return its manifest. Raises ``SetupError``.

    The store is copied first, and then the files of the recordings that the copy names. ``target`` does not exist until
    the backup is complete and on disk.
    """
    try:
        with unfinished_folder(target) as folder:
            return await _fill(settings, folder, with_recordings=with_recordings, with_secret_key=with_secret_key)
    except OSError as failed:
        raise SetupError(f"The backup {target} cannot be written: {failed}.") from failed


async def _fill(settings: Settings, folder: Path, *, with_recordings: bool, with_secret_key: bool) -> Manifest:
    created_at = now()
    (folder / STORE_FOLDER).mkdir()
    copy = await _copy_store(settings, folder / STORE_FOLDER)
    recordings = settings.data_dir / RECORDINGS_FOLDER, folder / RECORDINGS_FOLDER
    wanted = copy.recording_ids if with_recordings else []
    added, missing = await asyncio.to_thread(back_up_recordings, *recordings, wanted)
    key_id = key_id_of(settings)
    if with_secret_key and settings.secret_key is None:
        copy_file(settings.data_dir / KEY_FILE, folder / KEY_FILE, mode=0o600)
    files, size = await asyncio.to_thread(write_checksums, folder)
    manifest = Manifest(
        format_version=FORMAT_VERSION,
        created_at=created_at,
        store="mongodb" if settings.mongo_url else "sqlite",
        schema_version=copy.schema_version,
        is_snapshot=copy.is_snapshot,
        records=copy.records,
        recordings=added,
        missing_recordings=missing,
        secret_key_id=key_id,
        files=files,
        size=size,
        checksums_sha256=digest_of(folder / CHECKSUMS),
    )
    write_manifest(folder, manifest)
    return manifest


async def _copy_store(settings: Settings, target: Path) -> StoreCopy:
    if settings.mongo_url:
        return await dump_database(settings.mongo_url.get_secret_value(), target)
    database = settings.data_dir / DATABASE_FILE
    if not database.exists():
        raise SetupError(f"DATA_DIR {settings.data_dir.resolve()} has no {DATABASE_FILE}: there is no site to back up.")
    return await asyncio.to_thread(copy_database, database, target / DATABASE_FILE)


def key_id_of(settings: Settings) -> str:
    """Return what identifies the site's secret key without disclosing it. Raises ``SetupError``."""
    if settings.secret_key is None and not (settings.data_dir / KEY_FILE).exists():
        raise SetupError(f"DATA_DIR {settings.data_dir.resolve()} has no {KEY_FILE}, and SECRET_KEY is not set.")
    return open_secrets(settings).derive(KEY_PURPOSE).hex()[:KEY_ID_LENGTH]
