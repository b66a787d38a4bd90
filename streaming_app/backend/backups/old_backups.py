"""Removes old backups, so that a daily backup does not fill the disk."""

import shutil
from datetime import datetime
from pathlib import Path

from streaming_app.backend.backups.manifest import MANIFEST, read_manifest
from streaming_app.backend.errors import SetupError

REMOVED_SUFFIX = ".removed"
"""Ending of the name of a backup that is being removed."""


def remove_old_backups(folder: Path, keep: int) -> list[Path]:
    """Remove the complete backups in ``folder``, except the newest ``keep``, and return their paths, oldest first.

    Everything else in the folder stays: other files, and backups that are incomplete or damaged. If the process dies,
    the next call removes the rest. Raises ``SetupError``.
    """
    try:
        for half_removed in folder.glob(f"*{REMOVED_SUFFIX}"):
            shutil.rmtree(half_removed)
        old = _complete_backups(folder)[: -keep or None]
        for backup in old:
            shutil.rmtree(backup.rename(backup.with_name(backup.name + REMOVED_SUFFIX)))
    except OSError as failed:
        raise SetupError(f"Old backups in {folder} cannot be removed: {failed}.") from failed
    return old


def _complete_backups(folder: Path) -> list[Path]:
    """Return the backups in ``folder``, oldest first."""
    created: dict[Path, datetime] = {}
    for entry in folder.iterdir():
        if entry.is_symlink() or not (entry / MANIFEST).is_file() or entry.name.endswith(REMOVED_SUFFIX):
            continue
        try:
            created[entry] = read_manifest(entry).created_at
        except SetupError:  # damaged: the operator may still need parts of it
            continue
    return sorted(created, key=lambda backup: created[backup])
