"""The folder of a backup that is being made. It has another name until the backup is complete."""

import fcntl
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from streaming_app.backend.backups.durable_files import sync_folder
from streaming_app.backend.errors import SetupError

UNFINISHED_SUFFIX = ".unfinished"


@contextmanager
def unfinished_folder(target: Path) -> Generator[Path]:
    """Yield an empty folder next to ``target``, and rename it to ``target`` afterwards.

    If the block raises, the folder is deleted. What a killed process left is deleted by the next backup to ``target``.
    Raises ``SetupError`` if ``target`` exists, or if another process makes it.
    """
    _check_is_new(target)
    folder = target.with_name(target.name + UNFINISHED_SUFFIX)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        _lock(descriptor, target)
        _empty(folder)
        try:
            yield folder
            _check_is_new(target)
            folder.rename(target)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        sync_folder(target.parent)
    finally:
        os.close(descriptor)


def _check_is_new(target: Path) -> None:
    if os.path.lexists(target):
        raise SetupError(f"{target} already exists. Choose a new name: a backup replaces nothing.")


def _lock(descriptor: int, target: Path) -> None:
    """Lock the folder until the descriptor is closed, also by the end of this process."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise SetupError(f"Another process makes the backup {target}. Wait for it, or choose another name.") from None


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
