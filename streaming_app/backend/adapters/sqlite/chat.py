"""The chat archive in SQLite."""

import json
import sqlite3
from collections.abc import Sequence

from streaming_app.backend.account_data.erased_messages import keys_of, without_erased
from streaming_app.backend.adapters.sqlite.database import Database
from streaming_app.backend.adapters.sqlite.rows import Row, from_row, insert_into, to_row
from streaming_app.backend.adapters.store_errors import no_such_message
from streaming_app.backend.chat.model import ERASED_USERNAME, ChatMessage, HeldMessage, QuotedMessage
from streaming_app.backend.chat.ports import CLEAR_CHUNK

_IS_DELETED = "EXISTS (SELECT 1 FROM chat_deletions AS d WHERE d.message_id = m.message_id)"
ADD_SECONDS = 1.5
"""Messages that could not be written in this time are not written later, because the bus has reported the failure."""
IS_QUOTE_DELETED = "EXISTS (SELECT 1 FROM chat_deletions AS d WHERE d.message_id = m.reply_id) AS reply_is_deleted"
"""A column for ``quote_in``; table ``m`` must have the columns of ``message_row``."""
_NEWEST = "ORDER BY m.position DESC, m.message_id DESC LIMIT"


class SqliteChatArchive:
    """All chat messages. ``chat_deletions`` has the deleted messages and the log entries that deleted them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, messages: Sequence[ChatMessage]) -> None:
        if not messages:
            return
        insert = f"{insert_into('chat_messages', message_row(messages[0]))} ON CONFLICT (message_id) DO NOTHING"

        def insert_all(connection: sqlite3.Connection) -> None:
            erased = _erased_keys(connection, messages)
            kept = [message_row(kept) for message in messages if (kept := without_erased(message, erased))]
            connection.executemany(insert, kept)

        await self._database.transact(insert_all, synced=False, within_seconds=ADD_SECONDS)

    async def newest_position(self) -> int:
        [row] = await self._database.rows("SELECT MAX(position) FROM chat_messages")
        return row[0] or 0

    async def recent(self, channel_id: str, limit: int) -> list[ChatMessage]:
        return await self._newest(f"m.channel_id = ? AND NOT {_IS_DELETED}", channel_id, limit)

    async def after(self, channel_id: str, position: int, limit: int) -> list[ChatMessage]:
        return await self._find(
            f"m.channel_id = ? AND m.position > ? AND NOT {_IS_DELETED} ORDER BY m.position, m.message_id LIMIT ?",
            channel_id,
            position,
            limit,
        )

    async def before(self, channel_id: str, position: int, limit: int) -> list[ChatMessage]:
        return await self._newest(
            f"m.channel_id = ? AND m.position < ? AND NOT {_IS_DELETED}", channel_id, position, limit
        )

    async def get(self, channel_id: str, message_id: str) -> ChatMessage:
        found = await self._find(f"m.message_id = ? AND m.channel_id = ? AND NOT {_IS_DELETED}", message_id, channel_id)
        if not found:
            raise no_such_message()
        return found[0]

    async def deleted_ids(self, channel_id: str, limit: int) -> list[str]:
        query = (
            "SELECT m.message_id FROM (SELECT message_id FROM chat_messages AS m"  # noqa: S608 - constants
            f" WHERE m.channel_id = ? {_NEWEST} ?) AS m WHERE {_IS_DELETED}"
        )
        return [row[0] for row in await self._database.rows(query, (channel_id, limit))]

    async def is_deleted(self, channel_id: str, message_id: str) -> bool:
        query = f"SELECT 1 FROM chat_messages AS m WHERE m.message_id = ? AND m.channel_id = ? AND {_IS_DELETED}"  # noqa: S608 - a constant
        return bool(await self._database.rows(query, (message_id, channel_id)))

    async def delete(self, channel_id: str, entry_id: str, message_ids: Sequence[str]) -> None:
        ids = json.dumps(list(message_ids))
        await self._delete("message_id IN (SELECT value FROM json_each(?))", entry_id, channel_id, ids)

    async def delete_all_by_user(self, channel_id: str, entry_id: str, user_id: str, until: int) -> None:
        next_chunk = (
            "SELECT position FROM chat_messages WHERE channel_id = ? AND user_id = ? AND position > ? AND position <= ?"
            " ORDER BY position LIMIT 1 OFFSET ?"
        )
        done = -1
        while done < until:
            ends = await self._database.rows(next_chunk, (channel_id, user_id, done, until, CLEAR_CHUNK - 1))
            end = ends[0][0] if ends else until
            await self._delete(
                "user_id = ? AND position > ? AND position <= ?", entry_id, channel_id, user_id, done, end
            )
            done = end

    async def deleted_by_entry(self, channel_id: str, entry_id: str, limit: int) -> list[ChatMessage]:
        of_this_alone = (
            "m.message_id IN (SELECT message_id FROM chat_deletions WHERE deleted_by = ?) AND m.channel_id = ?"
            " AND NOT EXISTS (SELECT 1 FROM chat_deletions AS d WHERE d.message_id = m.message_id"
            " AND d.deleted_by <> ?)"
        )
        return await self._newest(of_this_alone, entry_id, channel_id, entry_id, limit)

    async def restore(self, channel_id: str, entry_id: str) -> None:
        change = (
            "DELETE FROM chat_deletions WHERE deleted_by = ?"
            " AND message_id IN (SELECT message_id FROM chat_messages WHERE channel_id = ?)"
        )
        await self._database.write(change, (entry_id, channel_id))

    async def by_author(self, user_id: str, position: int, limit: int) -> list[ChatMessage]:
        return await self._find(
            "m.user_id = ? AND m.position > ? ORDER BY m.position LIMIT ?", user_id, position, limit
        )

    async def erase_author(self, user_id: str, username: str) -> None:
        await self._erase("user_id", user_id)
        change = "UPDATE chat_messages SET reply_username = ?, reply_text = '' WHERE reply_username = ?"
        await self._database.write(change, (ERASED_USERNAME, username))

    async def erase_channel(self, channel_id: str) -> None:
        await self._erase("channel_id", channel_id)

    async def _erase(self, column: str, value: str) -> None:
        chosen = f"SELECT message_id FROM chat_messages WHERE {column} = ? LIMIT {CLEAR_CHUNK}"  # noqa: S608 - constants

        def erase_chunk(connection: sqlite3.Connection) -> int:
            ids = json.dumps([message_id for (message_id,) in connection.execute(chosen, (value,))])
            listed = "message_id IN (SELECT value FROM json_each(?))"
            connection.execute(f"DELETE FROM chat_deletions WHERE {listed}", (ids,))  # noqa: S608 - a constant
            return connection.execute(f"DELETE FROM chat_messages WHERE {listed}", (ids,)).rowcount  # noqa: S608 - a constant

        while await self._database.transact(erase_chunk):
            pass

    async def _delete(self, which: str, *parameters: object) -> None:
        change = (
            "INSERT INTO chat_deletions SELECT message_id, ? FROM chat_messages"  # noqa: S608 - constants of this module
            f" WHERE channel_id = ? AND {which} ON CONFLICT DO NOTHING"
        )
        await self._database.write(change, parameters)

    async def _newest(self, which: str, *parameters: object) -> list[ChatMessage]:
        newest_first = await self._find(f"{which} {_NEWEST} ?", *parameters)
        return newest_first[::-1]

    async def _find(self, which: str, *parameters: object) -> list[ChatMessage]:
        query = f"SELECT m.*, {IS_QUOTE_DELETED} FROM chat_messages AS m WHERE {which}"  # noqa: S608 - constants of this module
        return [
            from_row(ChatMessage, row, reply_to=quote_in(row)) for row in await self._database.rows(query, parameters)
        ]


def _erased_keys(connection: sqlite3.Connection, messages: Sequence[ChatMessage]) -> set[str]:
    """Return those of the keys of ``messages`` that belong to deleted accounts."""
    keys = json.dumps(list(keys_of(messages)))
    query = (
        "SELECT value FROM json_each(?) WHERE value IN (SELECT id_key FROM erased_accounts)"
        " OR value IN (SELECT name_key FROM erased_accounts)"
    )
    return {row[0] for row in connection.execute(query, (keys,))}


def message_row(message: ChatMessage | HeldMessage) -> Row:
    """Return the row of a message. The quoted message has three columns."""
    quote = message.reply_to
    return to_row(message, without={"reply_to"}) | {
        "reply_id": quote and quote.message_id,
        "reply_username": quote and quote.username,
        "reply_text": quote and quote.text,
    }


def quote_in(row: sqlite3.Row) -> QuotedMessage | None:
    """Return the quoted message of a row, without its text if it was deleted."""
    if row["reply_id"] is None:
        return None
    return QuotedMessage(row["reply_id"], row["reply_username"], "" if row["reply_is_deleted"] else row["reply_text"])
