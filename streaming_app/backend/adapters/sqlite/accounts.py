"""Users, sessions and tickets in SQLite."""

import sqlite3
from datetime import datetime, timedelta

from streaming_app.backend.accounts.model import Session, Ticket, User
from streaming_app.backend.adapters.case_folding import fold_case
from streaming_app.backend.adapters.sqlite.database import Database, to_instant, to_milliseconds
from streaming_app.backend.adapters.store_errors import email_taken, username_taken
from streaming_app.backend.errors import NotFoundError

EXPIRED_KEPT = timedelta(days=90)
"""How long an expired session is kept: a clock that is ahead for a moment must not sign everybody out."""


class SqliteUsers:
    """All accounts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, user: User) -> None:
        row = _user_row(user)
        try:
            await self._database.write(
                "INSERT INTO users VALUES (:user_id, :username, :username_key, :email, :email_key, :password_hash,"
                " :created_at, :banned, :is_admin)",
                row,
            )
        except sqlite3.IntegrityError:
            await self.check_free(user.username, user.email)
            raise

    async def check_free(self, username: str, email: str) -> None:
        if await self._database.rows("SELECT 1 FROM users WHERE username_key = ?", (fold_case(username),)):
            raise username_taken() from None
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

    async def set_banned(self, user_id: str, *, banned: bool) -> None:
        if not await self._database.write("UPDATE users SET banned = ? WHERE user_id = ?", (banned, user_id)):
            raise _no_such_user()

    async def set_admin(self, user_id: str, *, is_admin: bool) -> None:
        if not await self._database.write("UPDATE users SET is_admin = ? WHERE user_id = ?", (is_admin, user_id)):
            raise _no_such_user()


class SqliteSessions:
    """All sessions. A sign-in deletes those that expired long ago."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, session: Session) -> None:
        row = _session_row(session)

        def replace_expired(connection: sqlite3.Connection) -> None:
            long_ago = to_milliseconds(session.created_at - EXPIRED_KEPT)
            connection.execute("DELETE FROM sessions WHERE expires_at <= ?", (long_ago,))
            connection.execute("INSERT INTO sessions VALUES (:session_id, :user_id, :created_at, :expires_at)", row)

        await self._database.transact(replace_expired)

    async def get(self, session_id: str, now: datetime) -> Session:
        query = "SELECT * FROM sessions WHERE session_id = ? AND expires_at > ?"
        rows = await self._database.rows(query, (session_id, to_milliseconds(now)))
        if not rows:
            message = "There is no such session."
            raise NotFoundError(message)
        return _session(rows[0])

    async def remove(self, session_id: str) -> None:
        await self._database.write("DELETE FROM sessions WHERE session_id = ?", (session_id,))

    async def remove_all_of(self, user_id: str) -> None:
        await self._database.write("DELETE FROM sessions WHERE user_id = ?", (user_id,))


class SqliteTickets:
    """Sign-in tickets that wait. Expired ones are deleted when the next one is taken."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, ticket: Ticket) -> None:
        row = (ticket.ticket_hash, ticket.user_id, to_milliseconds(ticket.expires_at))
        await self._database.write("INSERT INTO tickets VALUES (?, ?, ?)", row)

    async def take(self, ticket_hash: str, now: datetime) -> Ticket:
        at = to_milliseconds(now)

        def remove(connection: sqlite3.Connection) -> list[sqlite3.Row]:
            connection.execute("DELETE FROM tickets WHERE expires_at <= ?", (at,))
            return connection.execute(
                "DELETE FROM tickets WHERE ticket_hash = ? RETURNING *", (ticket_hash,)
            ).fetchall()

        rows = await self._database.transact(remove)
        if not rows:
            message = "There is no such ticket."
            raise NotFoundError(message)
        return _ticket(rows[0])


def _one_user(rows: list[sqlite3.Row]) -> User:
    if not rows:
        raise _no_such_user()
    return _user(rows[0])


def _no_such_user() -> NotFoundError:
    return NotFoundError("There is no such user.")


def _user_row(user: User) -> dict[str, object]:
    return {
        "user_id": user.user_id,
        "username": user.username,
        "username_key": fold_case(user.username),
        "email": user.email,
        "email_key": fold_case(user.email),
        "password_hash": user.password_hash,
        "created_at": to_milliseconds(user.created_at),
        "banned": user.banned,
        "is_admin": user.is_admin,
    }


def _user(row: sqlite3.Row) -> User:
    return User(
        user_id=row["user_id"],
        username=row["username"],
        email=row["email"],
        password_hash=row["password_hash"],
        created_at=to_instant(row["created_at"]),
        banned=bool(row["banned"]),
        is_admin=bool(row["is_admin"]),
    )


def _session_row(session: Session) -> dict[str, object]:
    return {
        "session_id": session.session_id,
        "user_id": session.user_id,
        "created_at": to_milliseconds(session.created_at),
        "expires_at": to_milliseconds(session.expires_at),
    }


def _session(row: sqlite3.Row) -> Session:
    return Session(row["session_id"], row["user_id"], to_instant(row["created_at"]), to_instant(row["expires_at"]))


def _ticket(row: sqlite3.Row) -> Ticket:
    return Ticket(row["ticket_hash"], row["user_id"], to_instant(row["expires_at"]))
