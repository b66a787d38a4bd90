"""The manifest of a backup: what it contains. It is the last file that a backup writes."""

from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from streaming_app.backend.backups.checksums import CHECKSUMS, digest_of
from streaming_app.backend.backups.durable_files import write_file
from streaming_app.backend.errors import SetupError

MANIFEST = "manifest.json"
FORMAT_VERSION = 1
STORE_FOLDER = "store"
"""Folder of a backup with the SQLite file, or with one BSON file for each MongoDB collection."""
RECORDINGS_FOLDER = "recordings"
"""Folder of a backup, and of DATA_DIR, with a folder for each recording."""


class Manifest(BaseModel):
    """Facts about a backup."""

    model_config = ConfigDict(frozen=True)

    format_version: int
    created_at: datetime
    """When the backup began."""
    store: Literal["sqlite", "mongodb"]
    schema_version: int | None
    is_snapshot: bool
    """Whether all records are from the same moment."""
    records: dict[str, int]
    """Number of rows or documents, by table or collection."""
    recordings: int
    missing_recordings: int
    """Recordings in the store without files on the machine of the backup."""
    secret_key_id: str
    """Identifies the site's secret key, which cannot be derived from it."""
    files: int
    size: int
    checksums_sha256: str
    """SHA-256 of the file with the checksums of all other files. It identifies the backup."""


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, which makes the backup complete."""
    write_file(folder / MANIFEST, manifest.model_dump_json(indent=2) + "\n")


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a backup. Raises ``SetupError`` if the backup is incomplete or of another version."""
    try:
        text = (folder / MANIFEST).read_text(encoding="utf-8")
        manifest = Manifest.model_validate_json(text)
        is_intact = digest_of(folder / CHECKSUMS) == manifest.checksums_sha256
    except (FileNotFoundError, NotADirectoryError):
        raise SetupError(f"{folder} is not a complete backup: {MANIFEST} or {CHECKSUMS} is missing.") from None
    except (ValidationError, UnicodeDecodeError):
        raise SetupError(f"The backup {folder} is damaged: {MANIFEST} is not readable. Use another one.") from None
    if manifest.format_version != FORMAT_VERSION:
        raise SetupError(f"The backup {folder} was made by another version of this program. Restore it with that.")
    if not is_intact:
        raise SetupError(f"The backup {folder} is damaged: {CHECKSUMS} has changed. Use another one.")
    return manifest
