"""Removes old backups, so that a daily backup does not fill the disk."""

import shutil
from datetime import datetime
from pathlib import Path

from streaming_app.backend.backups.manifest import MANIFEST, read_manifest
from streaming_app.backend.backups.unfinished_folder import UNFINISHED_SUFFIX, remove_unfinished_folders
from streaming_app.backend.errors import SetupError

REMOVED_SUFFIX = ".streaming_app-removed"
"""Ending of the name of a backup that is being removed."""


def remove_leftovers(folder: Path) -> None:
    """Remove backups that a killed process has not completed, or not removed completely. Raises ``SetupError``."""
    try:
        for half_removed in folder.glob(f"*{REMOVED_SUFFIX}"):
            if half_removed.is_dir() and not half_removed.is_symlink():
                shutil.rmtree(half_removed)
        remove_unfinished_folders(folder)
    except OSError as failed:
        raise SetupError(f"What killed backups left in {folder} cannot be removed: {failed}.") from failed


def remove_old_backups(newest: Path, keep: int) -> list[Path]:
    """Remove the older backups of the same site beside the backup ``newest``, and return their paths, oldest first.

    ``newest`` and ``keep`` - 1 others stay, whatever the clock said when they were made. So does everything else: other
    files, backups of other sites, and damaged ones. Raises ``SetupError``.
    """
    try:
        others = _others(newest)
        old = others[: max(len(others) - (keep - 1), 0)]
        for backup in old:
            shutil.rmtree(backup.rename(backup.with_name(backup.name + REMOVED_SUFFIX)))
    except OSError as failed:
        raise SetupError(f"Old backups in {newest.parent} cannot be removed: {failed}.") from failed
    return old


def _others(newest: Path) -> list[Path]:
    """Return the other complete backups of the same site in the same folder, oldest first."""
    site = read_manifest(newest).secret_key_id
    created: dict[Path, datetime] = {}
    for entry in newest.parent.iterdir():
        if entry.name == newest.name or entry.name.endswith((REMOVED_SUFFIX, UNFINISHED_SUFFIX)):
            continue
        if entry.is_symlink() or not (entry / MANIFEST).is_file():
            continue
        try:
            manifest = read_manifest(entry)
        except SetupError:  # damaged: the operator may still need parts of it
            continue
        if manifest.secret_key_id == site:
            created[entry] = manifest.created_at
    return sorted(created, key=lambda backup: created[backup])
