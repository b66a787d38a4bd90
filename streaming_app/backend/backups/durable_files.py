"""Copies files so that they survive a power cut."""

import os
import shutil
from pathlib import Path

from streaming_app.backend.disk_sync import sync

PART_SUFFIX = ".part"
"""Ending of a file that is not complete yet."""


def copy_file(source: Path, target: Path, mode: int = 0o644) -> None:
    """Copy a file. ``target`` has its old content, if any, until the new one is complete and on disk."""
    part = target.with_name(target.name + PART_SUFFIX)
    part.unlink(missing_ok=True)  # left over from an interrupted run
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with source.open("rb") as content, os.fdopen(descriptor, "wb") as copy:
        shutil.copyfileobj(content, copy, 1 << 20)
        copy.flush()
        os.fsync(copy.fileno())
    part.replace(target)


def link_or_copy(source: Path, target: Path) -> None:
    """Make the content of ``source``, which never changes, available as ``target``: by a hard link where possible."""
    try:
        target.hardlink_to(source)
    except (FileNotFoundError, FileExistsError):
        raise
    except OSError:  # another file system, one without links, or another user's file
        copy_file(source, target)


def write_file(path: Path, text: str) -> None:
    """Write a new text file that only its owner can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    sync(path.parent)
