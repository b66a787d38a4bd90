"""Rules, moderators, bans and pinned messages in SQLite."""

import sqlite3
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from streaming_app.backend.adapters.case_folding import fold_case
from streaming_app.backend.adapters.sqlite.database import Database
from streaming_app.backend.adapters.sqlite.rows import from_row, insert_into, to_instant, to_milliseconds, to_row
from streaming_app.backend.adapters.store_errors import no_such_channel
from streaming_app.backend.chat.model import Ban, ChatMessage, ChatRules, Chatter, MembershipStatus
from streaming_app.backend.clock_changes import CLOCKS_AGREE

_RULES = TypeAdapter(ChatRules)
_MESSAGE = TypeAdapter(ChatMessage)

_BAN_COLUMNS = {"by": "banned_by"}
_STANDING = """
    SELECT c.owner_id, r.rules, r.version, mod.user_id IS NOT NULL AS is_moderator, f.followed_at, b.*
    FROM (SELECT :channel_id AS asked_channel, :user_id AS asked_user)
    LEFT JOIN channels AS c ON c.channel_id = asked_channel AND NOT c.is_hidden
    LEFT JOIN chat_rules AS r ON r.channel_id = asked_channel
    LEFT JOIN chat_moderators AS mod ON mod.channel_id = asked_channel AND mod.user_id = asked_user
    LEFT JOIN follows AS f ON f.channel_id = asked_channel AND f.user_id = asked_user
    LEFT JOIN chat_bans AS b ON b.channel_id = asked_channel AND b.user_id = asked_user
"""
_IS_PINNED = "channel_id = :channel_id AND json_extract(message, '$.message_id') = :expected_id"


class SqliteChatSettings:
    """Stores the rules and the pinned message as JSON, because no query needs their content."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def membership_status(self, channel_id: str, user_id: str) -> MembershipStatus:
        [row] = await self._database.rows(_STANDING, {"channel_id": channel_id, "user_id": user_id})
        return MembershipStatus(
            rules=_rules(row["rules"]),
            is_moderator=bool(row["is_moderator"]),
            ban=None if row["banned_by"] is None else from_row(Ban, row, _BAN_COLUMNS),
            followed_at=None if row["followed_at"] is None else to_instant(row["followed_at"]),
            rules_version=row["version"] or 0,
            owner_id=row["owner_id"] or "",
        )

    async def rules_and_pinned(self, channel_id: str) -> tuple[ChatRules, ChatMessage | None]:
        query = (
            "SELECT rules, message FROM channels LEFT JOIN chat_rules USING (channel_id)"
            " LEFT JOIN chat_pins USING (channel_id) WHERE channel_id = ? AND NOT is_hidden"
        )
        rows = await self._database.rows(query, (channel_id,))
        if not rows:
            raise no_such_channel()
        return _rules(rows[0]["rules"]), _pinned(rows[0]["message"])

    async def set_rules(self, channel_id: str, rules: ChatRules, expected_version: int) -> bool:
        insert = "INSERT INTO chat_rules VALUES (:channel_id, :rules, 1) ON CONFLICT DO NOTHING"
        update = (
            "UPDATE chat_rules SET rules = :rules, version = version + 1"
            " WHERE channel_id = :channel_id AND version = :expected_version"
        )
        row = {
            "channel_id": channel_id,
            "rules": _RULES.dump_json(rules).decode(),
            "expected_version": expected_version,
        }
        return await self._database.write(update if expected_version else insert, row) == 1

    async def pinned(self, channel_id: str) -> ChatMessage | None:
        rows = await self._database.rows("SELECT message FROM chat_pins WHERE channel_id = ?", (channel_id,))
        return _pinned(rows[0]["message"] if rows else None)

    async def set_pinned(self, channel_id: str, message: ChatMessage | None, expected_id: str) -> bool:
        if not message and not expected_id:
            return await self.pinned(channel_id) is None
        insert = "INSERT INTO chat_pins VALUES (:channel_id, :message) ON CONFLICT DO NOTHING"
        update = f"UPDATE chat_pins SET message = :message WHERE {_IS_PINNED}"  # noqa: S608 - a constant
        delete = f"DELETE FROM chat_pins WHERE {_IS_PINNED}"  # noqa: S608 - a constant
        change = delete if not message else update if expected_id else insert
        pinned = None if message is None else _MESSAGE.dump_json(message).decode()
        row = {"channel_id": channel_id, "message": pinned, "expected_id": expected_id}
        return await self._database.write(change, row) == 1

    async def moderators(self, channel_id: str) -> list[Chatter]:
        query = "SELECT * FROM chat_moderators WHERE channel_id = ? ORDER BY username_key"
        return [Chatter(row["user_id"], row["username"]) for row in await self._database.rows(query, (channel_id,))]

    async def add_moderator(self, channel_id: str, chatter: Chatter) -> bool:
        insert = "INSERT INTO chat_moderators VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
        row = (channel_id, chatter.user_id, chatter.username, fold_case(chatter.username))
        return await self._database.write(insert, row) == 1

    async def remove_moderator(self, channel_id: str, user_id: str) -> bool:
        change = "DELETE FROM chat_moderators WHERE channel_id = ? AND user_id = ?"
        return await self._database.write(change, (channel_id, user_id)) == 1

    async def bans(self, channel_id: str, now: datetime, limit: int) -> list[Ban]:
        query = (
            "SELECT * FROM chat_bans WHERE channel_id = ? AND (until IS NULL OR until > ?)"
            " ORDER BY since DESC, user_id LIMIT ?"
        )
        return [
            from_row(Ban, row, _BAN_COLUMNS)
            for row in await self._database.rows(query, (channel_id, to_milliseconds(now), limit))
        ]

    async def set_ban(self, ban: Ban) -> None:
        row = to_row(ban, _BAN_COLUMNS)
        await self._database.write(insert_into("chat_bans", row, verb="REPLACE"), row)

    async def lift_ban(self, channel_id: str, user_id: str, since: datetime) -> bool:
        delete = "DELETE FROM chat_bans WHERE channel_id = ? AND user_id = ? AND since = ?"
        return await self._database.write(delete, (channel_id, user_id, to_milliseconds(since))) == 1

    async def take_slow_mode_turn(
        self, channel_id: str, user_id: str, message_id: str, now: datetime, interval: timedelta
    ) -> timedelta:
        take = (
            "INSERT INTO chat_turns VALUES (:channel_id, :user_id, :now, :message_id)"
            " ON CONFLICT (channel_id, user_id)"
            " DO UPDATE SET taken_at = excluded.taken_at, message_id = excluded.message_id"
            " WHERE taken_at <= :allowed_before OR taken_at > :future"
        )
        row = {
            "channel_id": channel_id,
            "user_id": user_id,
            "message_id": message_id,
            "now": to_milliseconds(now),
            "allowed_before": to_milliseconds(now - interval),
            "future": to_milliseconds(now + CLOCKS_AGREE),
        }

        def take_turn(connection: sqlite3.Connection) -> datetime | None:
            if connection.execute(take, row).rowcount:
                return None
            query = "SELECT taken_at, message_id FROM chat_turns WHERE channel_id = :channel_id AND user_id = :user_id"
            last = connection.execute(query, row).fetchone()
            return None if last["message_id"] == message_id else to_instant(last["taken_at"])

        last = await self._database.transact(take_turn)
        return timedelta(0) if last is None else last + interval - now

    async def release_slow_mode_turn(self, channel_id: str, user_id: str, message_id: str) -> None:
        change = "DELETE FROM chat_turns WHERE channel_id = ? AND user_id = ? AND message_id = ?"
        await self._database.write(change, (channel_id, user_id, message_id))


def _pinned(kept: str | None) -> ChatMessage | None:
    return _MESSAGE.validate_json(kept) if kept else None


def _rules(kept: str | None) -> ChatRules:
    return _RULES.validate_json(kept) if kept else ChatRules()
