"""Checks the age of the newest backup."""

from collections.abc import Sequence
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
    times, unreadable = await in_thread(lambda: _times(folders))
    newest = max(times, default=None)
    make_one = "Run the command backup daily. If backups are elsewhere, name their folder with --backups."
    if unreadable and (newest is None or datetime.now(UTC) - newest > AGE_MAX):
        return warning(
            "backups",
            f"This user may not read {unreadable[0]}, so the age of the newest backup is not known.",
            "Run the command as the user who makes the backups.",
        )
    if newest is None:
        return warning("backups", f"There is no backup in {' or '.join(map(str, folders))}.", make_one)
    age = datetime.now(UTC) - newest
    if age > AGE_MAX:
        return warning("backups", f"The newest backup is {age.days} days old.", make_one)
    return ok("backups", f"The newest backup is {age / timedelta(hours=1):.0f} hours old.")


def _times(folders: Sequence[Path]) -> tuple[list[datetime], list[str]]:
    """Return when the complete backups were made, and the paths that this user may not read."""
    times: list[datetime] = []
    unreadable: list[str] = []
    for folder in folders:
        try:
            backups = [each for each in folder.iterdir() if each.is_dir()]
        except PermissionError as denied:
            unreadable.append(denied.filename)
            continue
        except (FileNotFoundError, NotADirectoryError):
            continue
        for backup in backups:
            try:
                times.append(read_manifest(backup).created_at)
            except PermissionError as denied:
                unreadable.append(denied.filename)
            except (SetupError, OSError):  # an incomplete backup does not count
                continue
    return times, unreadable
