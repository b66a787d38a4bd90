"""Checks the store and its schema, and compares clocks."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from streaming_app.backend.adapters.mongo.server_facts import read_server_facts
from streaming_app.backend.adapters.sqlite.migrations import STEPS
from streaming_app.backend.adapters.store_copy import RESTORE_MARKER
from streaming_app.backend.bootstrap import DATABASE_FILE
from streaming_app.backend.config import Settings
from streaming_app.backend.doctor.checkup import in_thread
from streaming_app.backend.doctor.findings import Finding, ok, refused, warning, wrong
from streaming_app.backend.doctor.running_site import RunningSite
from streaming_app.backend.errors import SetupError

SKEW_SECONDS_MAX = 2.0


async def check_store(settings: Settings, site: RunningSite, timeout_seconds: float) -> Sequence[Finding]:
    """Check that the store can be read, and that this version of the program can use it."""
    if settings.mongo_url:
        return await _check_mongo(settings.mongo_url.get_secret_value(), timeout_seconds)
    return await in_thread(lambda: _check_sqlite(settings.data_dir / DATABASE_FILE, site))


async def _check_mongo(url: str, timeout_seconds: float) -> list[Finding]:
    asked = datetime.now(UTC)
    try:
        facts = await read_server_facts(url, timeout_seconds)
    except SetupError as unusable:
        return refused("store", unusable)
    found = compare_clock("MongoDB", facts.now, asked)
    if not facts.replica_set:
        return [
            *warning(
                "store",
                "MongoDB is a single server: backups are not from one moment, and acknowledged data is on one disk.",
                "Make it a replica set. One with a single member is enough for backups.",
            ),
            *found,
        ]
    return [*ok("store", "MongoDB answers, and is a replica set."), *found]


def compare_clock(server: str, theirs: datetime, asked: datetime) -> list[Finding]:
    """Compare the clock of a server, which was asked at ``asked`` and has just answered, with this machine's."""
    answered = datetime.now(UTC)
    skew = max((asked - theirs).total_seconds(), (theirs - answered).total_seconds(), 0.0)
    if skew > SKEW_SECONDS_MAX:
        return warning(
            f"clock of {server}",
            f"The clocks of this machine and of {server} differ by {skew:,.0f} s.",
            "Synchronize the clocks of both machines with NTP (chrony or systemd-timesyncd).",
        )
    return ok(f"clock of {server}", f"The clocks of this machine and of {server} agree.")


def _check_sqlite(path: Path, site: RunningSite) -> list[Finding]:
    if path.with_name(RESTORE_MARKER).exists():
        return wrong("store", "A restore has begun and not ended.", "Repeat the command restore with the same backup.")
    if not path.exists():
        return ok("store", f"{path} is created at the first start.")
    mode = _mode_without_changes(path, site)
    if mode is None:
        return ok("store", f"{path} is not checked: the next start first writes {path.name}-wal into it.")
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path.absolute()))}?{mode}", uri=True)) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.Error as failed:
        return wrong("store", f"The database {path} cannot be read: {failed}.", "Restore it from a backup.")
    return _check_schema(version, site)


def _mode_without_changes(path: Path, site: RunningSite) -> str | None:
    """Return the options for SQLite with which it reads a database and writes no file; ``None`` if there are none."""
    latest_changes, index = (path.with_name(f"{path.name}-{suffix}") for suffix in ("wal", "shm"))
    if not latest_changes.exists():
        return "immutable=1"  # the database is complete
    if site.is_running:
        return "mode=ro"  # the site has created the index, and keeps it up to date
    return "mode=ro&readonly_shm=1" if index.exists() else None  # SQLite would create the index


def _check_schema(version: int, site: RunningSite) -> list[Finding]:
    if version > len(STEPS):
        return wrong(
            "store",
            f"The database was created by a newer version of this program (schema {version}, supported: {len(STEPS)}).",
            "Install that version, or go back as docs/operating.md describes (Upgrade).",
        )
    if version < len(STEPS) and site.is_running:
        return warning(
            "store",
            f"The schema of the database is {version}, and that of the installed program is {len(STEPS)}.",
            "Reload the site, so that it runs the installed program and updates the schema.",
        )
    if version < len(STEPS):
        return ok("store", f"The schema of the database is {version}; the next start updates it to {len(STEPS)}.")
    return ok("store", f"The database can be read, and its schema ({version}) is current.")
