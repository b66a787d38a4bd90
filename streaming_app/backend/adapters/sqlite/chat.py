"""The chat archive in SQLite."""

import sqlite3
from collections.abc import Sequence

from streaming_app.backend.adapters.sqlite.database import Database, to_instant, to_milliseconds
from streaming_app.backend.chat.model import ChatMessage


class SqliteChatArchive:
    """Everything that was said."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, messages: Sequence[ChatMessage]) -> None:
        rows = [_message_row(message) for message in messages]
        insert = (
            "INSERT INTO chat_messages VALUES (:message_id, :channel_id, :user_id, :username, :text, :sent_at,"
            " :position) ON CONFLICT (message_id) DO NOTHING"
        )

        def insert_all(connection: sqlite3.Connection) -> None:
            connection.executemany(insert, rows)

        await self._database.transact(insert_all)

    async def recent(self, channel_id: str, limit: int) -> list[ChatMessage]:
        query = "SELECT * FROM chat_messages WHERE channel_id = ? ORDER BY position DESC, message_id DESC LIMIT ?"
        rows = await self._database.rows(query, (channel_id, limit))
        return [_message(row) for row in reversed(rows)]

    async def after(self, channel_id: str, position: int, limit: int) -> list[ChatMessage]:
        query = (
            "SELECT * FROM chat_messages WHERE channel_id = ? AND position > ? ORDER BY position, message_id LIMIT ?"
        )
        return [_message(row) for row in await self._database.rows(query, (channel_id, position, limit))]


def _message_row(message: ChatMessage) -> dict[str, object]:
    return {
        "message_id": message.message_id,
        "channel_id": message.channel_id,
        "user_id": message.user_id,
        "username": message.username,
        "text": message.text,
        "sent_at": to_milliseconds(message.sent_at),
        "position": message.position,
    }


def _message(row: sqlite3.Row) -> ChatMessage:
    return ChatMessage(
        message_id=row["message_id"],
        channel_id=row["channel_id"],
        user_id=row["user_id"],
        username=row["username"],
        text=row["text"],
        sent_at=to_instant(row["sent_at"]),
        position=row["position"],
    )
