"""Checks the age of the newest backup."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from streaming_app.backend.backups.manifest import read_manifest
from streaming_app.backend.config import Settings
from streaming_app.backend.doctor.checkup import in_thread
from streaming_app.backend.doctor.findings import Finding, ok, warning
from streaming_app.backend.errors import SetupError

DEFAULT_FOLDER = Path("/var/backups/streaming_app")
"""Folder of the examples in the documentation."""
AGE_MAX = timedelta(days=8)
"""A weekly backup may be a day late."""


async def check_backups(settings: Settings, folder: Path | None) -> Sequence[Finding]:
    """Check that a backup in ``folder``, or in the usual folders, is not older than ``AGE_MAX``."""
    folders = [folder] if folder else [settings.data_dir / "backups", DEFAULT_FOLDER]
    newest = max(await in_thread(lambda: list(_times(folders))), default=None)
    make_one = "Run the command backup daily. If backups are elsewhere, name their folder with --backups."
    if newest is None:
        return warning("backups", f"There is no backup in {' or '.join(map(str, folders))}.", make_one)
    age = datetime.now(UTC) - newest
    if age > AGE_MAX:
        return warning("backups", f"The newest backup is {age.days} days old.", make_one)
    return ok("backups", f"The newest backup is {age / timedelta(hours=1):.0f} hours old.")


def _times(folders: Sequence[Path]) -> Iterator[datetime]:
    for folder in folders:
        for backup in sorted(folder.glob("*/")) if folder.is_dir() else ():
            try:
                yield read_manifest(backup).created_at
            except (SetupError, OSError):  # an incomplete backup does not count
                continue
