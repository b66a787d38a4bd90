"""Links in mails, in SQLite."""

from datetime import datetime

from streaming_app.backend.accounts.mail_links import MailLink, MailLinkKind
from streaming_app.backend.adapters.sqlite.database import Database
from streaming_app.backend.adapters.sqlite.rows import from_row, insert_into, to_milliseconds, to_row
from streaming_app.backend.adapters.store_errors import no_such_link


class SqliteMailLinks:
    """Unused links. Expired links are deleted when the next one is added."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, link: MailLink) -> None:
        row = to_row(link)
        expired = "DELETE FROM mail_links WHERE expires_at <= ?"
        await self._database.write(expired, (to_milliseconds(link.created_at),))
        await self._database.write(insert_into("mail_links", row), row)

    async def get(self, link_hash: str, now: datetime) -> MailLink:
        query = "SELECT * FROM mail_links WHERE link_hash = ? AND expires_at > ?"
        rows = await self._database.rows(query, (link_hash, to_milliseconds(now)))
        if not rows:
            raise no_such_link()
        return from_row(MailLink, rows[0])

    async def remove(self, link_hash: str) -> None:
        await self._database.write("DELETE FROM mail_links WHERE link_hash = ?", (link_hash,))

    async def remove_all_of(
        self, user_id: str, *, kind: MailLinkKind | None = None, since: datetime | None = None, keep: str = ""
    ) -> None:
        query = (
            "DELETE FROM mail_links WHERE user_id = :user_id AND link_hash <> :keep"
            " AND (:kind IS NULL OR kind = :kind) AND (:since IS NULL OR created_at >= :since)"
        )
        at = to_milliseconds(since) if since else None
        await self._database.write(query, {"user_id": user_id, "keep": keep, "kind": kind, "since": at})
