"""The folder of a backup that is being made. It has another name until the backup is complete."""

import fcntl
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from streaming_app.backend.adapters.site_secret import KEY_FILE
from streaming_app.backend.backups.checksums import CHECKSUMS
from streaming_app.backend.backups.durable_files import PART_SUFFIX
from streaming_app.backend.backups.manifest import MANIFEST, RECORDINGS_FOLDER, STORE_FOLDER
from streaming_app.backend.disk_sync import sync
from streaming_app.backend.errors import SetupError

UNFINISHED_SUFFIX = ".unfinished"
_CONTENTS = {STORE_FOLDER, RECORDINGS_FOLDER, KEY_FILE, KEY_FILE + PART_SUFFIX, CHECKSUMS, MANIFEST}
"""What a backup, complete or not, may contain."""


@contextmanager
def unfinished_folder(target: Path) -> Generator[Path]:
    """Yield an empty folder next to ``target``, and rename it to ``target`` afterwards.

    If the block raises, the folder is deleted. What a killed process left is deleted by the next backup to ``target``.
    Raises ``SetupError`` if ``target`` exists, or if the folder is another user's or another process makes the backup.
    """
    _check_is_new(target)
    folder = target.with_name(target.name + UNFINISHED_SUFFIX)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _opened(folder) as descriptor:
        if os.fstat(descriptor).st_uid != os.geteuid():
            raise SetupError(f"{folder} belongs to another user. Delete it, or choose another name.")
        if not _is_locked(descriptor, folder):
            raise SetupError(f"Another process makes the backup {target}. Wait for it, or choose another name.")
        os.fchmod(descriptor, 0o700)
        _empty(folder)
        try:
            yield folder
            _check_is_new(target)
            folder.rename(target)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        sync(target.parent)


def remove_unfinished_folders(folder: Path) -> None:
    """Remove from ``folder`` what killed backups of this user left. Files that are not from a backup stay.

    May raise ``OSError``.
    """
    for left in folder.glob(f"*{UNFINISHED_SUFFIX}"):
        if left.is_symlink() or not left.is_dir() or left.stat().st_uid != os.geteuid():
            continue
        with _opened(left) as descriptor:
            if _is_locked(descriptor, left) and {entry.name for entry in left.iterdir()} <= _CONTENTS:
                shutil.rmtree(left)


@contextmanager
def _opened(folder: Path) -> Generator[int]:
    """Yield a descriptor of the folder. Raises ``SetupError`` for a symbolic link, which may lead anywhere."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except NotADirectoryError:
        raise SetupError(f"{folder} is not a folder. Delete it, or choose another name.") from None
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _check_is_new(target: Path) -> None:
    if os.path.lexists(target):
        raise SetupError(f"{target} already exists. Choose a new name: a backup replaces nothing.")


def _is_locked(descriptor: int, folder: Path) -> bool:
    """Lock the folder until the descriptor is closed, also by the end of this process. Return whether that succeeded.

    Another process may have the lock, or may have removed or renamed the folder right before.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(descriptor), folder.lstat())
    except (BlockingIOError, FileNotFoundError):
        return False


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
