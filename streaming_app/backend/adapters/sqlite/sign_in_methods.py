"""The removal of ways to sign in, in SQLite."""

import json
import sqlite3
from collections.abc import Collection
from datetime import datetime

from streaming_app.backend.adapters.sqlite.database import Database
from streaming_app.backend.adapters.store_errors import last_sign_in_method

_PASSKEY = "passkeys WHERE user_id = :user AND passkey_id = :passkey"
_IDENTITY = "identities WHERE user_id = :user AND provider = :provider"
_HAS_OTHERS = (
    "EXISTS (SELECT 1 FROM users WHERE user_id = :user AND password_hash <> '')"
    " OR EXISTS (SELECT 1 FROM passkeys WHERE user_id = :user AND passkey_id <> :passkey)"
    " OR EXISTS (SELECT 1 FROM identities WHERE user_id = :user AND provider <> :provider"
    " AND provider IN (SELECT value FROM json_each(:usable)))"
)


class SqliteSignInMethods:
    """Checks and deletes in one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def remove_passkey(
        self,
        user_id: str,
        passkey_id: str,
        usable: Collection[str],
        now: datetime,  # noqa: ARG002 - for MongoDB
    ) -> bool:
        return await self._remove(_PASSKEY, user_id, usable, passkey=passkey_id)

    async def remove_identity(
        self,
        user_id: str,
        provider: str,
        usable: Collection[str],
        now: datetime,  # noqa: ARG002 - for MongoDB
    ) -> bool:
        return await self._remove(_IDENTITY, user_id, usable, provider=provider)

    async def _remove(
        self, which: str, user_id: str, usable: Collection[str], passkey: str = "", provider: str = ""
    ) -> bool:
        values = {"user": user_id, "usable": json.dumps(list(usable)), "passkey": passkey, "provider": provider}

        def remove(connection: sqlite3.Connection) -> bool:
            if not connection.execute(f"SELECT 1 FROM {which}", values).fetchone():  # noqa: S608 - a constant
                return False
            deleted = connection.execute(f"DELETE FROM {which} AND ({_HAS_OTHERS})", values)  # noqa: S608 - constants
            if not deleted.rowcount:
                raise last_sign_in_method()
            return True

        return await self._database.transact(remove)
