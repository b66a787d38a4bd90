"""Exports everything that belongs to an account as one ZIP, which is made while it is downloaded."""

import json
import stat
import zlib
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Collection
from contextlib import suppress
from dataclasses import fields
from datetime import datetime, timedelta
from enum import Enum
from itertools import chain
from typing import Any

from stream_zip import ZIP_32, async_stream_zip

from streaming_app.backend.account_data.owned_data import OWNED_DATA
from streaming_app.backend.account_data.ports import ExportableStore
from streaming_app.backend.accounts.audit_log import AuditAction, AuditLog, by_user
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.session_service import SessionService
from streaming_app.backend.errors import ConflictError, NotFoundError
from streaming_app.backend.media.recordings.urls import recording_page, recording_playlist
from streaming_app.backend.rate_limit import RateLimit
from streaming_app.backend.streams.model import Channel

PAGE = 500
"""Number of chat messages that are read at once."""
LIST_MAX = 100_000
"""Maximum number of records of any other kind."""
SECRETS = frozenset({"password_hash", "token_hash", "key_hash", "key_sealed", "session_id", "public_key", "sign_count"})
"""Fields that are never exported."""
_MODE = stat.S_IFREG | 0o600

Member = tuple[str, AsyncIterable[bytes]]


class AccountExport:
    """Streams exports: one at a time for each account in this process."""

    def __init__(
        self,
        store: ExportableStore,
        sessions: SessionService,
        audit_log: AuditLog,
        limit: RateLimit,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._audit_log = audit_log
        self._limit = limit
        self._now = now
        self._running: set[str] = set()

    async def start(self, token: str, site_url: str, address: str) -> AsyncIterator[bytes]:
        """Return the chunks of the ZIP of the account of the session ``token``, for a client at ``address``.

        Raises ``NotSignedInError``, ``ReauthenticationNeededError``, ``ConflictError`` during another export of the
        account, or ``RateLimitedError``.
        """
        user = await self._sessions.require_recent(token)
        if user.user_id in self._running:
            raise ConflictError("Another download of your data is running. Wait until it is complete.")
        self._limit.spend(user.user_id)
        await self._audit_log.record(AuditAction.DATA_EXPORTED, by_user(user, address))
        return self._chunks(user, site_url)

    async def _chunks(self, user: User, site_url: str) -> AsyncGenerator[bytes]:
        self._running.add(user.user_id)
        try:
            files = self._zip_members(user, site_url)
            async for chunk in async_stream_zip(files, get_compressobj=_compressor):
                yield chunk
        finally:
            self._running.discard(user.user_id)

    async def _zip_members(self, user: User, site_url: str) -> AsyncGenerator[Any]:
        at = self._now()
        async for name, content in self._members(user, site_url):
            yield name, at, _MODE, ZIP_32, content

    async def _members(self, user: User, site_url: str) -> AsyncGenerator[Member]:
        store = self._store
        yield "account.json", _json(_record(user))
        sessions = await store.sessions.list_by_user(user.user_id, self._now())
        yield "sessions.json", _json([_record(each) for each in sessions])
        yield "api_tokens.json", _json([_record(each) for each in await store.api_tokens.list_by_user(user.user_id)])
        yield "passkeys.json", _json([_record(each) for each in await store.passkeys.list_by_user(user.user_id)])
        linked = await store.identities.list_by_user(user.user_id)
        yield "linked_accounts.json", _json([_record(each) for each in linked])
        with suppress(NotFoundError):  # there is none, or the user replaces it now
            _, picture = await store.avatars.picture(user.avatar_id)
            yield "avatar.webp", _once(picture)
        request = await store.streamer_requests.of(user.user_id)
        yield "streamer_request.json", _json([_record(request, without={"decided_by"})] if request else [])
        follows = await store.follows.list_by_user(user.user_id, LIST_MAX)
        yield "follows.json", _json([_record(each) for each in follows])
        reports = await store.reports.list_by_reporter(user.user_id, LIST_MAX)
        yield "reports.json", _json([_record(each, without={"resolved_by"}) for each in reports])
        yield "chat_messages.json", self._messages_of(user.user_id)
        try:
            channel = await store.channels.get_by_owner(user.user_id)
        except NotFoundError:
            return
        async for member in self._channel_members(channel, site_url):
            yield member

    async def _channel_members(self, channel: Channel, site_url: str) -> AsyncGenerator[Member]:
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
        yield "channel.json", _json(about)
        streams = await store.streams.list_by_channel(channel_id, LIST_MAX)
        yield "streams.json", _json([_record(each) for each in streams])
        log = await store.moderation_log.newest(channel_id, LIST_MAX)
        yield "moderation_log.json", _json([_record(each, without={"undo_data"}) for each in log])
        recordings = [
            {
                **_record(each),
                "page": site_url + recording_page(channel.slug, each.recording_id),
                "video": site_url + recording_playlist(each.recording_id),
            }
            for each in await store.recordings.of_channel(channel_id, LIST_MAX)
        ]
        yield "recordings.json", _json(recordings)
        emotes = await store.emotes.of(channel_id)
        yield "emotes.json", _json([_record(each) for each in emotes])
        for emote in emotes:
            media_type, picture = await store.emotes.picture(channel_id, emote.emote_id)
            yield f"emotes/{emote.name}.{media_type.rpartition('/')[2]}", _once(picture)

    async def _messages_of(self, user_id: str) -> AsyncGenerator[bytes]:
        """Yield the user's chat messages as a JSON array, read page by page."""
        separator, position = "[\n", -1
        while page := await self._store.chat_archive.by_author(user_id, position, PAGE):
            for message in page:
                yield f"{separator}{_text(_record(message))}".encode()
                separator = ",\n"
            position = page[-1].position
        yield b"[]\n" if position == -1 else b"\n]\n"


def exported_files() -> set[str]:
    """Return the names of the files that the registry promises."""
    return {data.exported_as for data in OWNED_DATA if data.exported_as}


def _record(value: Any, without: Collection[str] = ()) -> dict[str, object]:
    """Return the fields of a dataclass, without secrets."""
    hidden = set(chain(SECRETS, without))
    return {each.name: getattr(value, each.name) for each in fields(value) if each.name not in hidden}


def _text(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent, default=_plain)


def _plain(value: Any) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.value if isinstance(value, Enum) else _record(value)


def _json(value: object) -> AsyncGenerator[bytes]:
    return _once(_text(value, indent=2).encode() + b"\n")


async def _once(content: bytes) -> AsyncGenerator[bytes]:
    yield content


def _compressor() -> Any:
    return zlib.compressobj(level=6, wbits=-zlib.MAX_WBITS)
