"""Restores a backup into an empty site. An interrupted restore is repeated with the same command."""

import asyncio
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from streaming_app.backend.adapters.file_lock import SUPERVISOR_LOCK, WEB_LOCK, LockedError, lock_file
from streaming_app.backend.adapters.mongo.database_dump import check_is_empty, load_database
from streaming_app.backend.adapters.mongo.migrations import STEPS as MONGO_STEPS
from streaming_app.backend.adapters.mongo.restore_marker import mark_restore, unmark_restore
from streaming_app.backend.adapters.site_secret import KEY_FILE
from streaming_app.backend.adapters.sqlite.migrations import STEPS
from streaming_app.backend.adapters.store_copy import RESTORE_MARKER
from streaming_app.backend.backups.backup import key_id_of
from streaming_app.backend.backups.checksums import check_files, digest_of, read_checksums
from streaming_app.backend.backups.durable_files import copy_file, write_file
from streaming_app.backend.backups.manifest import RECORDINGS_FOLDER, STORE_FOLDER, Manifest, read_manifest
from streaming_app.backend.bootstrap import DATABASE_FILE
from streaming_app.backend.config import Settings
from streaming_app.backend.disk_sync import sync
from streaming_app.backend.errors import SetupError


async def restore(settings: Settings, backup: Path) -> Manifest:
    """Restore a backup, and return its manifest. Raises ``SetupError`` before anything is written if it must not be.

    A marker keeps the site from starting until everything is there. If the process dies before, the same backup can be
    restored again.
    """
    try:
        manifest = read_manifest(backup)
        _check_store(settings, manifest)
        with locked(settings.data_dir):
            if not await _was_interrupted(settings, backup, manifest.checksums_sha256):
                _check_has_no_recordings(settings.data_dir)
            _check_key(settings, backup, manifest)
            await asyncio.to_thread(check_files, backup)
            await _mark(settings, manifest.checksums_sha256)
            await asyncio.to_thread(_copy_files, settings, backup)
            await _restore_store(settings, backup / STORE_FOLDER)
    except OSError as failed:
        raise SetupError(f"The backup cannot be restored: {failed}. Repeat the command afterwards.") from failed
    return manifest


async def _was_interrupted(settings: Settings, backup: Path, backup_id: str) -> bool:
    """Return whether this restore has begun before. Raises ``SetupError`` if it has not, and the store is not empty."""
    if settings.mongo_url:
        return await check_is_empty(settings.mongo_url.get_secret_value(), backup_id)
    return _sqlite_was_interrupted(settings.data_dir, backup, backup_id)


async def _mark(settings: Settings, backup_id: str) -> None:
    if settings.mongo_url:
        await mark_restore(settings.mongo_url.get_secret_value(), backup_id)
    else:
        _write_marker(settings.data_dir / RESTORE_MARKER, backup_id)


async def _restore_store(settings: Settings, source: Path) -> None:
    """Restore the store, and remove the marker."""
    if settings.mongo_url:
        await load_database(settings.mongo_url.get_secret_value(), source)
        await unmark_restore(settings.mongo_url.get_secret_value())
    else:
        copy_file(source / DATABASE_FILE, settings.data_dir / DATABASE_FILE, mode=0o600)
        sync(settings.data_dir)
        (settings.data_dir / RESTORE_MARKER).unlink()
        sync(settings.data_dir)


def _check_store(settings: Settings, manifest: Manifest) -> None:
    if manifest.store == "sqlite" and settings.mongo_url:
        raise SetupError("This is a backup of a site with SQLite. Restore it without MONGO_URL.")
    if manifest.store == "mongodb" and not settings.mongo_url:
        raise SetupError("This is a backup of a site with MongoDB. Set MONGO_URL to an empty database.")
    supported = len(MONGO_STEPS if settings.mongo_url else STEPS)
    if manifest.schema_version and manifest.schema_version > supported:
        raise SetupError(
            f"The backup was made by a newer version of this program (schema {manifest.schema_version}, supported:"
            f" {supported}). Install that version first."
        )


@contextmanager
def locked(data_dir: Path) -> Generator[None]:
    """Keep the site from starting. Raises ``SetupError`` if it runs."""
    try:
        with lock_file(data_dir / SUPERVISOR_LOCK, 0), lock_file(data_dir / WEB_LOCK, 0):
            yield
    except LockedError as locked:
        raise SetupError(
            f"DATA_DIR {data_dir.resolve()} is in use by process {locked.holder}. Stop the site, or set DATA_DIR to"
            " another folder."
        ) from None


def _sqlite_was_interrupted(data_dir: Path, backup: Path, backup_id: str) -> bool:
    marker, database = data_dir / RESTORE_MARKER, data_dir / DATABASE_FILE
    if not marker.exists():
        for file in (database, *(database.with_name(DATABASE_FILE + suffix) for suffix in ("-wal", "-shm"))):
            if file.exists():
                raise _not_empty(file)
        return False
    if marker.read_text(encoding="utf-8") != backup_id:
        raise SetupError(
            f"DATA_DIR {data_dir.resolve()} has the beginning of another backup that was not restored completely."
            " Repeat that restore, or empty the folder first."
        )
    # If the process died after its last copy, the database is there.
    if database.exists() and digest_of(database) != digest_of(backup / STORE_FOLDER / DATABASE_FILE):
        raise _not_empty(database)
    return True


def _check_has_no_recordings(data_dir: Path) -> None:
    recordings = data_dir / RECORDINGS_FOLDER
    if recordings.exists() and any(recordings.iterdir()):
        raise _not_empty(recordings)


def _not_empty(path: Path) -> SetupError:
    return SetupError(
        f"DATA_DIR {path.parent.resolve()} is not empty: it has {path.name}. A restore replaces nothing. Move the files"
        " away, or set DATA_DIR to an empty folder."
    )


def _check_key(settings: Settings, backup: Path, manifest: Manifest) -> None:
    """Raises ``SetupError`` if the restored site would not have the key with which its stream keys are encrypted."""
    has_key = settings.secret_key is not None or (settings.data_dir / KEY_FILE).exists()
    if has_key:
        if key_id_of(settings) != manifest.secret_key_id:
            name = "SECRET_KEY" if settings.secret_key else settings.data_dir / KEY_FILE
            raise SetupError(f"{name} is not the key of the backup's site: stream keys could not be decrypted with it.")
    elif not (backup / KEY_FILE).exists():
        raise SetupError(
            f"The backup does not contain the secret key. Set SECRET_KEY, or copy {KEY_FILE} to"
            f" {settings.data_dir.resolve()}, and repeat the command."
        )


def _write_marker(marker: Path, backup_id: str) -> None:
    if not marker.exists():
        draft = marker.with_name(f"{marker.name}.{os.getpid()}")
        draft.unlink(missing_ok=True)
        write_file(draft, backup_id)
        draft.rename(marker)
        sync(marker.parent)


def _copy_files(settings: Settings, backup: Path) -> None:
    """Copy everything but the store. What an interrupted restore has copied is copied again."""
    for _, path in read_checksums(backup):
        target = settings.data_dir / path
        if path.parts[0] == RECORDINGS_FOLDER:
            target.parent.mkdir(parents=True, exist_ok=True)
            copy_file(backup / path, target)
        elif path == Path(KEY_FILE) and settings.secret_key is None:
            copy_file(backup / path, target, mode=0o600)
    recordings = settings.data_dir / RECORDINGS_FOLDER
    for folder in [*recordings.glob("*/"), *([recordings] if recordings.exists() else [])]:
        sync(folder)
