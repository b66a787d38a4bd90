"""The checksums of all files of a backup, in the format of ``sha256sum``: ``sha256sum -c SHA256SUMS`` checks them."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from streaming_app.backend.disk_sync import sync
from streaming_app.backend.errors import SetupError

CHECKSUMS = "SHA256SUMS"
_DIGEST_LENGTH = 64


def write_checksums(folder: Path) -> tuple[int, int]:
    """Write the checksums of all files in the folder, and sync its subfolders. Return the number and bytes of files."""
    count = size = 0
    descriptor = os.open(folder / CHECKSUMS, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as sums:
        for parent, folders, names in os.walk(folder):
            folders.sort()
            for name in sorted(set(names) - {CHECKSUMS}):
                file = Path(parent, name)
                sums.write(f"{digest_of(file)}  {file.relative_to(folder)}\n")
                count += 1
                size += file.stat().st_size
            sync(Path(parent))
        sums.flush()
        os.fsync(sums.fileno())
    return count, size


def read_checksums(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the checksum and the relative path of each file. Raises ``SetupError`` for a path outside of the folder."""
    with (folder / CHECKSUMS).open(encoding="utf-8") as sums:
        for line in sums:
            digest, path = line[:_DIGEST_LENGTH], Path(line[_DIGEST_LENGTH + 2 :].rstrip("\n"))
            if path.is_absolute() or ".." in path.parts:
                raise SetupError(f"{folder / CHECKSUMS} names a file outside of the backup: {path}.")
            yield digest, path


def check_files(folder: Path) -> None:
    """Raises ``SetupError`` if a file of the backup is missing, or differs from what was written."""
    damaged = [path for digest, path in read_checksums(folder) if not _matches(folder / path, digest)]
    if damaged:
        others = f" and {len(damaged) - 1} other files" if len(damaged) > 1 else ""
        raise SetupError(f"The backup {folder} is damaged: {damaged[0]}{others} missing or changed. Use another one.")


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _matches(file: Path, digest: str) -> bool:
    try:
        return digest_of(file) == digest
    except FileNotFoundError:
        return False
