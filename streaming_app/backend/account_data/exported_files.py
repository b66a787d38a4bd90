"""The files of the export of an account."""

import json
from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import suppress
from dataclasses import fields
from datetime import datetime, timedelta
from enum import Enum
from itertools import chain
from typing import Any

from streaming_app.backend.account_data.archive import Member
from streaming_app.backend.account_data.exported_recordings import ExportedRecordings
from streaming_app.backend.account_data.owned_data import OWNED_DATA
from streaming_app.backend.account_data.ports import ExportableStore
from streaming_app.backend.accounts.model import User
from streaming_app.backend.errors import NotFoundError
from streaming_app.backend.media.recordings.storage import RecordingStorage
from streaming_app.backend.streams.model import Channel

PAGE = 500
"""Number of chat messages that are read at once."""
LIST_MAX = 100_000
"""Maximum number of records of any other kind."""
SECRETS = frozenset({"password_hash", "token_hash", "key_hash", "key_sealed", "session_id", "public_key", "sign_count"})
"""Fields that are never exported."""
README = "README.txt"
_INTRODUCTION = """\
Everything that belongs to the account {username} of {site_url}, as of {at:%d %B %Y, %H:%M} UTC.

The .json files contain text. recordings.json says which files in the folder recordings belong to which stream. A
recording has several videos (MP4) if the codec or the picture size changed during the stream.

"""


class ExportedFiles:
    """Reads everything that belongs to one account."""

    def __init__(
        self, store: ExportableStore, storage: RecordingStorage, site_url: str, user: User, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._storage = storage
        self._site_url = site_url
        self._user = user
        self._now = now
        self._missing: list[str] = []

    async def members(self) -> AsyncGenerator[Member]:
        """Yield the files of the archive. The last one is ``README``, which names what is missing."""
        at = self._now()
        async for member in self._account_members():
            yield member
        with suppress(NotFoundError):
            async for member in self._channel_members(await self._store.channels.get_by_owner(self._user.user_id)):
                yield member
        introduction = _INTRODUCTION.format(username=self._user.username, site_url=self._site_url, at=at)
        missing = "".join(f"- {each}\n" for each in self._missing)
        yield _text(README, introduction + (f"These files are not complete:\n{missing}" if missing else ""))

    async def _account_members(self) -> AsyncGenerator[Member]:
        store, user, user_id = self._store, self._user, self._user.user_id
        yield _json("account.json", _record(user))
        sessions = await store.sessions.list_by_user(user_id, self._now())
        yield _json("sessions.json", [_record(each) for each in sessions])
        yield _json("api_tokens.json", [_record(each) for each in await store.api_tokens.list_by_user(user_id)])
        yield _json("passkeys.json", [_record(each) for each in await store.passkeys.list_by_user(user_id)])
        yield _json("linked_accounts.json", [_record(each) for each in await store.identities.list_by_user(user_id)])
        with suppress(NotFoundError):  # there is none, or the user replaces it now
            _, picture = await store.avatars.picture(user.avatar_id)
            yield _picture("avatar.webp", picture)
        request = await store.streamer_requests.of(user_id)
        yield _json("streamer_request.json", [_record(request, without={"decided_by"})] if request else [])
        yield _json("follows.json", [_record(each) for each in await store.follows.list_by_user(user_id, LIST_MAX)])
        reports = await store.reports.list_by_reporter(user_id, LIST_MAX)
        yield _json("reports.json", [_record(each, without={"resolved_by"}) for each in reports])
        held = await store.held_messages.by_author(user_id, LIST_MAX)
        yield _json("held_messages.json", [_record(each, without={"decision"}) for each in held])
        yield Member("chat_messages.json", self._messages_of(user_id))

    async def _channel_members(self, channel: Channel) -> AsyncGenerator[Member]:
        store, channel_id = self._store, channel.channel_id
        rules, pinned = await store.chat_settings.rules_and_pinned(channel_id)
        about: dict[str, object] = {
            **_record(channel),
            "rules": _record(rules),
            "pinned": pinned and _record(pinned),
            "moderators": [each.username for each in await store.chat_settings.moderators(channel_id)],
            "bans": [_record(each) for each in await store.chat_settings.bans(channel_id, self._now(), LIST_MAX)],
            "blocks": [_record(each) for each in await store.stream_blocks.of(channel_id)],
        }
        yield _json("channel.json", about)
        streams = await store.streams.list_by_channel(channel_id, LIST_MAX)
        yield _json("streams.json", [_record(each) for each in streams])
        log = await store.moderation_log.newest(channel_id, LIST_MAX)
        yield _json("moderation_log.json", [_record(each, without={"undo_data"}) for each in log])
        emotes = await store.emotes.of(channel_id)
        yield _json("emotes.json", [_record(each) for each in emotes])
        for emote in emotes:
            with suppress(NotFoundError):  # deleted meanwhile
                media_type, picture = await store.emotes.picture(channel_id, emote.emote_id)
                yield _picture(f"emotes/{emote.name}.{media_type.rpartition('/')[2]}", picture)
        videos = ExportedRecordings(store.recordings, self._storage, self._site_url, channel)
        recordings = await videos.all()
        async for member in videos.members(recordings):
            yield member
        yield _json("recordings.json", [_record(each) | videos.about(each) for each in recordings])
        self._missing = videos.missing

    async def _messages_of(self, user_id: str) -> AsyncGenerator[bytes]:
        """Yield the user's chat messages as a JSON array, read page by page."""
        separator, position = "[\n", -1
        while page := await self._store.chat_archive.by_author(user_id, position, PAGE):
            for message in page:
                yield f"{separator}{_dump(_record(message))}".encode()
                separator = ",\n"
            position = page[-1].position
        yield b"[]\n" if position == -1 else b"\n]\n"


def exported_files() -> set[str]:
    """Return the names of the files that the registry promises."""
    return {data.exported_as for data in OWNED_DATA if data.exported_as} | {README}


def _record(value: Any, without: Collection[str] = ()) -> dict[str, object]:
    """Return the fields of a dataclass, without secrets."""
    hidden = set(chain(SECRETS, without))
    return {each.name: getattr(value, each.name) for each in fields(value) if each.name not in hidden}


def _dump(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent, default=_plain)


def _plain(value: Any) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.value if isinstance(value, Enum) else _record(value)


def _json(name: str, value: object) -> Member:
    return _text(name, _dump(value, indent=2) + "\n")


def _text(name: str, text: str) -> Member:
    return Member(name, [text.encode()])


def _picture(name: str, content: bytes) -> Member:
    return Member(name, [content], is_compressed=False)
