"""The store of a running site, SQLite or MongoDB: its records, changes that no service makes, and outages."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

from streaming_app.backend.adapters.sqlite import SqliteStore
from streaming_app.backend.adapters.sqlite.rows import to_column
from streaming_app.backend.adapters.store import Store
from streaming_app.backend.bootstrap import DATABASE_FILE, now, open_store
from streaming_app.backend.config import Settings
from tests.rig.broken_store import without_table
from tests.rig.scaled_site import frozen_database
from tests.rig.site import Site

STORE_SETTINGS = ("DATA_DIR", "MONGO_URL", "SECRET_KEY")
LONG_AGO = timedelta(hours=1)
"""Longer than ``RECENT_SIGN_IN``."""


def store_settings_of(site: Site, *more: str) -> Settings:
    """Return the settings of ``site`` that its store needs, and the settings with the names ``more``."""
    names = (*STORE_SETTINGS, *more)
    return Settings.model_validate({name.lower(): site.environment[name] for name in names if name in site.environment})


def open_store_of(site: Site) -> AbstractAsyncContextManager[Store]:
    """Open the store of ``site`` by the settings of the site."""
    return open_store(store_settings_of(site))


def store_outage(site: Site) -> AbstractContextManager[None]:
    """Let the store of ``site`` fail while the block runs: SQLite has no users, and MongoDB does not answer."""
    if "MONGO_URL" in site.environment:
        return frozen_database()
    return without_table(site.data_dir / DATABASE_FILE)


async def make_sign_ins_old(site: Site) -> None:
    """Change all sessions to begin ``LONG_AGO``, so that security settings ask their users to confirm who they are."""
    await _change(site, "sessions", {}, "created_at", now() - LONG_AGO)


async def forget_confirmed_email(site: Site, username: str) -> None:
    """Make the account one from before emails were confirmed."""
    await _change(site, "users", {"username": username}, "email_confirmed_at", None)


async def _change(site: Site, table: str, where: Mapping[str, str], field: str, value: datetime | None) -> None:
    async with open_store_of(site) as store:
        users: Any = store.users
        if isinstance(store, SqliteStore):
            condition = " AND ".join([f"{name} = ?" for name in where]) or "TRUE"
            statement = f"UPDATE {table} SET {field} = ? WHERE {condition}"  # noqa: S608 - no input of users
            await users._database.write(statement, (to_column(value), *where.values()))
        else:
            await users._users.database[table].update_many(where, {"$set": {field: value}})
