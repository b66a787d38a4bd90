"""A user whose data strangers try to read and change."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from streaming_app.backend.accounts.api_tokens import NewToken
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.service import Registration
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.chat.model import ChatRules, FilterAction, ModerationAction
from streaming_app.backend.media.recordings.model import Recording
from tests.rig.pictures import still

MARK = "hushhush"
"""Part of every private text of the victim."""
PASSWORD = "correct horse battery"
AUDIT_LOG = "audit_log"
"""The table to which attempts are written."""

Rows = dict[str, set[str]]


@dataclass(frozen=True)
class Victim:
    """Ana, with private data of every kind in her account and her channel."""

    user: User
    channel_id: str
    stream_key: str
    ids: tuple[str, ...]
    """Everything that an event or a route could take as the id of something of Ana's."""

    def secrets(self) -> tuple[str, ...]:
        return MARK, self.stream_key.partition("?key=")[2]

    def rows(self, store_file: Path, stranger: str) -> Rows:
        """Return the stored rows that belong to Ana and not to ``stranger``, by table."""
        with closing(sqlite3.connect(store_file)) as database:
            return {table: set(self._rows_of(database, table, stranger)) for table in _tables(database)}

    def _rows_of(self, database: sqlite3.Connection, table: str, stranger: str) -> Iterator[str]:
        for row in map(str, database.execute(f'SELECT * FROM "{table}"')):  # noqa: S608 - a table of the site
            if (self.user.user_id in row or self.channel_id in row) and not (stranger and stranger in row):
                yield row


async def create_victim(backend: Backend, troll: User) -> Victim:
    """Register Ana and give her private data of every kind. ``troll`` is banned in her channel."""
    ana = await backend.accounts.register(Registration("Ana", f"{MARK}@example.com", PASSWORD), "192.0.2.1")
    channel = await backend.channels.get_or_create(ana)
    mine = channel.channel_id, ana.user_id
    held = ChatRules(blocked_terms=(MARK,), filtered=FilterAction.HELD)
    await backend.store.chat_settings.set_rules(channel.channel_id, held, 0)
    await backend.chat.post(channel.channel_id, troll.user_id, f"a held message {MARK}")
    message = await backend.chat.post(*mine, "a public message")
    await backend.moderation.ban(*mine, troll.username, f"because of {MARK}")
    emote = await backend.emotes.add(*mine, "anawave", still("PNG"))
    now = datetime.now(UTC)
    recording = Recording("recording-of-ana", channel.channel_id, "Chess", "", now, 90.0, 1_000_000, ended_at=now)
    await backend.store.recordings.add(recording)
    await backend.api_tokens.create(ana.user_id, NewToken(f"bot {MARK}", ("chat:write",), "never"))
    session = (await backend.accounts.sessions.redeem(await backend.accounts.sessions.issue_ticket(ana))).token
    ids = [
        *(ana.user_id, channel.channel_id, "Ana", "ana", troll.username, emote.emote_id, recording.recording_id),
        *(str(getattr(message, "message_id", "")),),
        *[token.token_id for token in await backend.api_tokens.list_by_user(ana.user_id)],
        *[shown.public_id for shown in await backend.accounts.sessions.list_of(session)],
    ]
    dashboard = await backend.moderation_dashboard.read(*mine, 50)
    ids += [entry.entry_id for entry in dashboard.log] + [held.message_id for held in dashboard.held]
    return Victim(ana, channel.channel_id, await backend.channels.stream_key(ana.user_id), tuple(filter(None, ids)))


def added_or_changed(before: Rows, after: Rows) -> Rows:
    """Return the rows that are only in one of both, without the record of attempts."""
    return {
        table: changed
        for table in before.keys() | after.keys()
        if table != AUDIT_LOG and (changed := before.get(table, set()) ^ after.get(table, set()))
    }


def _tables(database: sqlite3.Connection) -> list[str]:
    return [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]


ACTIONS = tuple(str(action) for action in ModerationAction)
