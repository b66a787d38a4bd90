"""Converts rows of SQLite to the documents that the MongoDB store would have written."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import bson
from bson import ObjectId

from streaming_app.backend.adapters.sqlite.rows import to_instant
from streaming_app.backend.errors import SetupError

_ID_COLUMNS: dict[str, str | None] = {
    **dict.fromkeys(("chat_messages", "held_messages"), "message_id"),
    **dict.fromkeys(("channels", "stream_blocks", "chat_rules", "chat_pins"), "channel_id"),
    **dict.fromkeys(("users", "authenticator_apps", "streamer_requests"), "user_id"),
    **dict.fromkeys(("audit_log", "moderation_log"), "entry_id"),
    **dict.fromkeys(("chat_bans", "chat_moderators", "chat_turns", "follows", "identities"), None),
    "api_tokens": "token_id",
    "avatars": "avatar_id",
    "emotes": "emote_id",
    "erased_accounts": "id_key",
    "invitations": "invitation_id",
    "mail_links": "link_hash",
    "passkeys": "passkey_id",
    "pending_identities": "secret_hash",
    "provider_sign_ins": "state_hash",
    "recordings": "recording_id",
    "reports": "report_id",
    "sessions": "session_id",
    "streams": "stream_id",
    "tickets": "ticket_hash",
}
"""The column that is ``_id`` in MongoDB, by table. Documents of tables without one get ids of the driver."""
_DELETIONS = "(SELECT json_group_array(deleted_by) FROM chat_deletions AS d WHERE d.message_id = t.message_id)"
_CLAIMS = (
    "(SELECT json_group_array(json_object('user_id', user_id, 'claimed_at', claimed_at))"
    " FROM invitation_claims AS c WHERE c.secret_hash = t.secret_hash)"
)
_EMBEDDED = {
    "chat_deletions": ("chat_messages", f"{_DELETIONS} AS deleted_by"),
    "invitation_claims": ("invitations", f"{_CLAIMS} AS claims"),
}
"""Tables whose rows are lists in documents of another collection."""

_TIMES = {"at", "since", "until", "banned_until"}
"""Columns with times, besides those that end in ``_at``."""
_FLAGS = {
    *("banned", "email_verified", "ended_by_owner", "has_all_factors"),
    *("is_hidden", "is_removed", "records"),
}
_JSON = {"scopes", "recovery_code_hashes", "message_ids", "rules", "message", "deleted_by", "claims"}
_RENAMED = {("moderation_log", "done_at"): "at", ("moderation_log", "done_by"): "by", ("chat_bans", "banned_by"): "by"}
_NOT_NULL = {"username_skeleton", "claimed_by", "claimed_at"}
"""Fields that are missing in documents instead of being null. Reports have them."""


def convert_database(database: Path, folder: Path) -> dict[str, int]:
    """Write the rows of all tables as BSON files, for ``load_database``. Return the number of documents of each.

    The database has the current schema. Raises ``SetupError`` for a table that is not known. Blocks.
    """
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        names = _tables(connection)
        unknown = sorted(names - _ID_COLUMNS.keys() - _EMBEDDED.keys())
        if unknown:
            raise SetupError(f"The database {database} has tables that cannot be moved: {', '.join(unknown)}.")
        connection.execute("BEGIN")
        return {name: _write(connection, name, folder) for name in sorted(names - _EMBEDDED.keys())}


def _tables(connection: sqlite3.Connection) -> set[str]:
    """Return the tables without those of SQLite itself, such as ``sqlite_stat1``, which ``ANALYZE`` makes."""
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return {name for name in names if not name.startswith("sqlite_")}


def _write(connection: sqlite3.Connection, table: str, folder: Path) -> int:
    count = 0
    with (folder / f"{quote(table, safe='')}.bson").open("wb") as output:
        for document in documents_of(connection, table):
            output.write(bson.encode(document))
            count += 1
    return count


def documents_of(connection: sqlite3.Connection, table: str) -> Iterator[dict[str, Any]]:
    """Yield the documents of a table, ``_id`` first, as MongoDB stores them."""
    lists = [column for owner, column in _EMBEDDED.values() if owner == table]
    slots: Counter[str] = Counter()
    for row in connection.execute(f"SELECT {', '.join(['t.*', *lists])} FROM {table} AS t"):  # noqa: S608 - constants
        document = _document(table, dict(row))
        match table:
            case "api_tokens":  # MongoDB limits the tokens of a user by numbers
                document["slot_key"] = f"{row['user_id']} {slots[row['user_id']]}"
                slots[row["user_id"]] += 1
            case "invitations":
                document["uses_left"] = row["uses_max"] - row["uses"]
            case "streams":  # MongoDB allows one open stream of a channel by this key
                document["open_key"] = row["channel_id"] if row["ended_at"] is None else row["stream_id"]
            case _:
                pass
        yield document


def _document(table: str, row: dict[str, Any]) -> dict[str, Any]:
    id_column = _ID_COLUMNS[table]
    document: dict[str, Any] = {"_id": row.pop(id_column) if id_column else ObjectId()}
    quote_of = _nested(row, "reply_id", {"reply_id": "message_id", "reply_username": "username", "reply_text": "text"})
    if table in {"chat_messages", "held_messages"}:
        document["reply_to"] = quote_of
    if table == "streams":
        document["publisher"] = _nested(row, "client_id", {name: name for name in ("client_id", "address", "software")})
    for column, value in row.items():
        if not _is_left_out(table, column, value):
            document[_RENAMED.get((table, column), column)] = _value(column, value)
    if table == "chat_pins":
        document["message"] = _pinned(document["message"])
    for claim in document.get("claims", []):
        claim["claimed_at"] = to_instant(claim["claimed_at"])
    return document


def _nested(row: dict[str, Any], decisive: str, names: dict[str, str]) -> dict[str, Any] | None:
    """Take columns out of the row as a document; ``None`` if the decisive one is null or missing."""
    taken = {field: row.pop(column, None) for column, field in names.items()} if decisive in row else {}
    return taken if taken.get(names[decisive]) is not None else None


def _is_left_out(table: str, column: str, value: object) -> bool:
    if column in {"deleted_by", "claims"}:
        return value == "[]"
    if column == "is_hidden":
        return not value
    return value is None and column in _NOT_NULL and table != "reports"


def _value(column: str, value: Any) -> Any:
    if value is None:
        return None
    if column in _TIMES or column.endswith("_at"):
        return to_instant(value)
    if column in _FLAGS:
        return bool(value)
    return json.loads(value) if column in _JSON else value


def _pinned(message: dict[str, Any]) -> dict[str, Any]:
    sent_at = datetime.fromisoformat(message["sent_at"])
    return {"_id": message.pop("message_id"), **message, "sent_at": sent_at}
