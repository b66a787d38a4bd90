"""Users, sessions and tickets in SQLite."""

import json
import sqlite3
from collections.abc import Collection
from datetime import datetime, timedelta

from streaming_app.backend.account_data.model import name_key
from streaming_app.backend.accounts.look_alike_names import skeleton
from streaming_app.backend.accounts.model import Session, SiteRole, Ticket, User
from streaming_app.backend.accounts.ports import UserGroup
from streaming_app.backend.adapters.case_folding import fold_case
from streaming_app.backend.adapters.sqlite.database import Database
from streaming_app.backend.adapters.sqlite.rows import from_row, insert_into, to_column, to_milliseconds, to_row
from streaming_app.backend.adapters.store_errors import (
    email_taken,
    no_such_session,
    no_such_ticket,
    no_such_user,
    username_looks_taken,
    username_taken,
)

EXPIRED_KEPT = timedelta(days=90)
"""How long expired sessions are kept, so that a clock that is briefly ahead does not sign all users out."""


class SqliteUsers:
    """All accounts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, user: User) -> None:
        await self._check_not_reserved(user.username)
        row = to_row(user) | {
            "username_key": fold_case(user.username),
            "username_skeleton": skeleton(user.username),
            "email_key": fold_case(user.email),
        }
        try:
            await self._database.write(insert_into("users", row), row)
        except sqlite3.IntegrityError:
            await self.check_free(user.username, user.email)
            raise

    async def _check_not_reserved(self, username: str) -> None:
        if await self._database.rows("SELECT 1 FROM erased_accounts WHERE name_key = ?", (name_key(username),)):
            raise username_taken() from None

    async def check_free(self, username: str, email: str) -> None:
        await self._check_not_reserved(username)
        if await self._database.rows("SELECT 1 FROM users WHERE username_key = ?", (fold_case(username),)):
            raise username_taken() from None
        if await self._database.rows("SELECT 1 FROM users WHERE username_skeleton = ?", (skeleton(username),)):
            raise username_looks_taken() from None
        if await self._database.rows("SELECT 1 FROM users WHERE email_key = ?", (fold_case(email),)):
            raise email_taken() from None

    async def get(self, user_id: str) -> User:
        return _one_user(await self._database.rows("SELECT * FROM users WHERE user_id = ?", (user_id,)))

    async def get_by_login(self, login: str) -> User:
        query = "SELECT * FROM users WHERE username_key = :login OR email_key = :login"
        return _one_user(await self._database.rows(query, {"login": fold_case(login)}))

    async def replace_password_hash(self, user_id: str, old: str, new: str) -> None:
        query = "UPDATE users SET password_hash = ? WHERE user_id = ? AND password_hash = ?"
        await self._database.write(query, (new, user_id, old))

    async def set_password(
        self, user_id: str, generation: int, password_hash: str, *, end_tokens: bool = False
    ) -> bool:
        query = (
            "UPDATE users SET password_hash = ?, session_generation = session_generation + 1,"
            " token_generation = token_generation + ? WHERE user_id = ? AND session_generation = ?"
        )
        return bool(await self._database.write(query, (password_hash, end_tokens, user_id, generation)))

    async def replace_display_name(self, user_id: str, old: str, new: str) -> bool:
        change = "UPDATE users SET display_name = ? WHERE user_id = ? AND display_name = ?"
        return bool(await self._database.write(change, (new, user_id, old)))

    async def set_avatar(self, user_id: str, avatar_id: str) -> str:
        def replace(connection: sqlite3.Connection) -> str:
            row = connection.execute("SELECT avatar_id FROM users WHERE user_id = ?", (user_id,)).fetchone()
            if row is None:
                raise no_such_user()
            connection.execute("UPDATE users SET avatar_id = ? WHERE user_id = ?", (avatar_id, user_id))
            return row["avatar_id"]

        return await self._database.transact(replace)

    async def confirm_email(self, user_id: str, email: str, at: datetime) -> bool:
        query = "UPDATE users SET email_confirmed_at = ? WHERE user_id = ? AND email_key = ?"
        return bool(await self._database.write(query, (to_milliseconds(at), user_id, fold_case(email))))

    async def replace_email(self, user_id: str, old: str, new: str, confirmed_at: datetime) -> bool:
        query = (
            "UPDATE users SET email = ?, email_key = ?, email_confirmed_at = ?,"
            " session_generation = session_generation + 1 WHERE user_id = ? AND email_key = ?"
        )
        values = new, fold_case(new), to_milliseconds(confirmed_at), user_id, fold_case(old)
        try:
            return bool(await self._database.write(query, values))
        except sqlite3.IntegrityError:
            raise email_taken() from None

    async def set_banned(self, user_id: str, *, banned: bool, reason: str = "", until: datetime | None = None) -> None:
        change = (
            "UPDATE users SET banned = :banned, ban_reason = :reason, banned_until = :until,"
            " session_generation = session_generation + :banned WHERE user_id = :user_id"
        )
        values = {"banned": banned, "reason": reason, "until": to_column(until), "user_id": user_id}
        if not await self._database.write(change, values):
            raise no_such_user()

    async def end_bans(self, now: datetime) -> None:
        change = "UPDATE users SET banned = FALSE, ban_reason = '', banned_until = NULL WHERE banned_until <= ?"
        await self._database.write(change, (to_milliseconds(now),))

    async def set_role(self, user_id: str, role: SiteRole, *, expected: SiteRole) -> bool:
        change = "UPDATE users SET site_role = ? WHERE user_id = ? AND site_role = ?"
        return bool(await self._database.write(change, (role, user_id, expected)))

    async def search(self, text: str, *, with_email: bool, group: UserGroup, after: str, limit: int) -> list[User]:
        query = (
            "SELECT * FROM users WHERE username_key > :after"
            " AND (instr(username_key, :text) OR (:with_email AND instr(email_key, :text)))"
            " AND (:group = 'all' OR (:group = 'staff' AND site_role <> 'user') OR (:group = 'suspended' AND banned))"
            " ORDER BY username_key LIMIT :limit"
        )
        values = {
            "text": fold_case(text),
            "with_email": with_email,
            "group": group,
            "after": fold_case(after),
            "limit": limit,
        }
        return [from_row(User, row) for row in await self._database.rows(query, values)]

    async def session_generations(self, user_ids: Collection[str]) -> dict[str, int]:
        query = "SELECT user_id, session_generation FROM users WHERE user_id IN (SELECT value FROM json_each(?))"
        rows = await self._database.rows(query, (json.dumps(list(user_ids)),))
        return {row["user_id"]: row["session_generation"] for row in rows}


class SqliteSessions:
    """All sessions. Each sign-in deletes the sessions that expired long ago."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, session: Session) -> None:
        row = to_row(session)

        def replace_expired(connection: sqlite3.Connection) -> None:
            long_ago = to_milliseconds(session.created_at - EXPIRED_KEPT)
            connection.execute("DELETE FROM sessions WHERE expires_at <= ?", (long_ago,))
            connection.execute(insert_into("sessions", row), row)

        await self._database.transact(replace_expired)

    async def get_with_user(self, session_id: str, now: datetime) -> tuple[Session, User]:
        query = (
            "SELECT users.*, session_id, expires_at, generation, device, address, seen_at,"
            " sessions.created_at AS opened_at FROM sessions JOIN users USING (user_id)"
            " WHERE sessions.session_id = ? AND sessions.expires_at > ? AND generation = session_generation"
        )
        rows = await self._database.rows(query, (session_id, to_milliseconds(now)))
        if not rows:
            raise no_such_session()
        return from_row(Session, rows[0], {"created_at": "opened_at"}), from_row(User, rows[0])

    async def list_by_user(self, user_id: str, now: datetime) -> list[Session]:
        query = "SELECT * FROM sessions WHERE user_id = ? AND expires_at > ? ORDER BY created_at DESC, session_id"
        rows = await self._database.rows(query, (user_id, to_milliseconds(now)))
        return [from_row(Session, row) for row in rows]

    async def set_seen(self, session_id: str, seen_at: datetime) -> None:
        query = "UPDATE sessions SET seen_at = ? WHERE session_id = ?"
        await self._database.write(query, (to_milliseconds(seen_at), session_id))

    async def remove(self, session_id: str) -> None:
        await self._database.write("DELETE FROM sessions WHERE session_id = ?", (session_id,))

    async def remove_all_of(self, user_id: str, keep: str = "") -> None:
        await self._database.write("DELETE FROM sessions WHERE user_id = ? AND session_id <> ?", (user_id, keep))


class SqliteTickets:
    """Unused tickets. Expired tickets are deleted when the next one is taken."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, ticket: Ticket) -> None:
        row = to_row(ticket)
        await self._database.write(insert_into("tickets", row), row)

    async def get(self, ticket_hash: str, now: datetime) -> Ticket:
        query = "SELECT * FROM tickets WHERE ticket_hash = ? AND expires_at > ?"
        rows = await self._database.rows(query, (ticket_hash, to_milliseconds(now)))
        if not rows:
            raise no_such_ticket()
        return from_row(Ticket, rows[0])

    async def take(self, ticket_hash: str, now: datetime) -> Ticket:
        at = to_milliseconds(now)

        def remove(connection: sqlite3.Connection) -> list[sqlite3.Row]:
            connection.execute("DELETE FROM tickets WHERE expires_at <= ?", (at,))
            return connection.execute(
                "DELETE FROM tickets WHERE ticket_hash = ? RETURNING *", (ticket_hash,)
            ).fetchall()

        rows = await self._database.transact(remove)
        if not rows:
            raise no_such_ticket()
        return from_row(Ticket, rows[0])


def _one_user(rows: list[sqlite3.Row]) -> User:
    if not rows:
        raise no_such_user()
    return from_row(User, rows[0])
