"""The commands ``backup`` and ``restore``."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path

from streaming_app.backend.adapters.site_secret import KEY_FILE
from streaming_app.backend.backups.backup import back_up
from streaming_app.backend.backups.manifest import Manifest
from streaming_app.backend.backups.move import move_to_mongo
from streaming_app.backend.backups.old_backups import remove_leftovers, remove_old_backups
from streaming_app.backend.backups.restore import restore
from streaming_app.backend.bootstrap import DATABASE_FILE
from streaming_app.backend.config import Settings

MB = 1_000_000


def add_backup_commands(add_parser: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the commands to the command line. Each sets ``run``, which runs it."""
    backup = add_parser("backup", help="back up the site, also while it runs (docs/operating.md)")
    backup.add_argument("folder", type=Path, help="new folder for the backup")
    backup.add_argument("--without-recordings", action="store_true", help="leave out the recordings of streams")
    backup.add_argument("--without-secret-key", action="store_true", help=f"leave out DATA_DIR/{KEY_FILE}")
    backup.add_argument(
        "--keep", type=count, help="remove the older backups of the site beside it, except the newest KEEP"
    )
    backup.set_defaults(run=_back_up)
    restoring = add_parser("restore", help="restore a backup into an empty DATA_DIR or database")
    restoring.add_argument("folder", type=Path, help="folder of the backup")
    restoring.set_defaults(run=_restore)
    moving = add_parser("move", help="move the store of the stopped site to another database")
    moving.add_argument("--to-mongo", action="store_true", required=True, help="from SQLite to the empty MONGO_URL")
    moving.set_defaults(run=_move)


async def _back_up(settings: Settings, wanted: argparse.Namespace) -> None:
    target: Path = wanted.folder.absolute()
    if wanted.keep:  # before the backup, which may fail for lack of space
        remove_leftovers(target.parent)
    manifest = await back_up(
        settings,
        target,
        with_recordings=not wanted.without_recordings,
        with_secret_key=not wanted.without_secret_key,
    )
    print(f"{target} is a complete backup: {_contents(manifest)}.")
    if manifest.missing_recordings:
        print(f"{manifest.missing_recordings} recordings have no files in {settings.data_dir.resolve()}.")
    if (target / KEY_FILE).exists():
        print(
            f"Warning: the backup contains {KEY_FILE}, which opens all stream keys and signs sessions. Keep the backup"
            " where only operators can read it."
        )
    else:
        name = "SECRET_KEY" if settings.secret_key else f"DATA_DIR/{KEY_FILE}"
        print(f"The backup does not contain the secret key. Keep {name} elsewhere: a restore needs it.")
    if wanted.keep:
        for removed in remove_old_backups(target, wanted.keep):
            print(f"{removed} is removed.")


def count(text: str) -> int:
    """Return the number that an operator has typed, for ``argparse``."""
    if not text.isdecimal() or int(text) < 1:
        message = "use a whole number, 1 or more"
        raise argparse.ArgumentTypeError(message)
    return int(text)


async def _restore(settings: Settings, wanted: argparse.Namespace) -> None:
    manifest = await restore(settings, wanted.folder.absolute())
    at = manifest.created_at
    print(f"The site of {at.day} {at:%B %Y}, {at:%H:%M} UTC is restored: {_contents(manifest)}.")
    print("Next:")
    print(f"1. {ownership_step(settings.data_dir, os.geteuid())}Start the site.")
    print("2. Delete the accounts again that were deleted since the backup.")
    print(
        "3. Ask users to check their sessions and API tokens: those that were ended since the backup are valid again."
    )


def ownership_step(data_dir: Path, user: int) -> str:
    """Return what the operator does first if ``user``, who has restored the files, does not own the folder."""
    owner = data_dir.stat().st_uid
    return (
        "" if owner == user else f"Give the files to the owner of the folder: chown -R {owner} {data_dir.resolve()}. "
    )


async def _move(settings: Settings, wanted: argparse.Namespace) -> None:  # noqa: ARG001 - has only one kind
    records = await move_to_mongo(settings)
    print(
        f"{sum(records.values()):,} records are in MongoDB, and equal to those in {settings.data_dir / DATABASE_FILE}."
    )
    print("Next: start the site with MONGO_URL and SECRET_KEY set, and delete the SQLite file when all is well.")


def _contents(manifest: Manifest) -> str:
    records = sum(manifest.records.values())
    return f"{records:,} records, {manifest.recordings:,} recordings, {manifest.size / MB:,.1f} MB"
