"""Emotes: permissions, names and limits."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from streaming_app.backend.accounts.model import SiteRole, User
from streaming_app.backend.adapters.image_processing import PillowPictures
from streaming_app.backend.adapters.local_bus import LocalBus
from streaming_app.backend.adapters.sqlite import SqliteStore, open_store
from streaming_app.backend.chat import emote_policy as policy
from streaming_app.backend.chat.emotes import EmoteService
from streaming_app.backend.chat.members import MembershipService
from streaming_app.backend.chat.model import Chatter, ModerationAction
from streaming_app.backend.chat.moderation_log import ModerationLogService
from streaming_app.backend.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    RateLimitedError,
    TakenError,
)
from streaming_app.backend.events import CHAT_TOPIC, ChatEmotesChanged, ChatModerated
from streaming_app.backend.rate_limit import RateLimit
from streaming_app.backend.streams.model import Channel
from tests.rig.event_recorder import EventRecorder
from tests.rig.pictures import SVG, still

NOW = datetime(2026, 11, 24, 12, 30, 15, 123_000, tzinfo=UTC)
OWNER, OTHER, ADMIN, BANNED = (
    User(f"u-{name}", name, f"{name}@example.com", "hash", NOW) for name in ("owner", "other", "admin", "banned")
)
CHANNEL = Channel("c1", "u-owner", "owner", "owner", "A stream", "", "key", b"sealed", NOW)
PICTURE = still("PNG", 28, 28)
BURST = policy.EMOTES_MAX + 5


@pytest.fixture
async def store() -> AsyncIterator[SqliteStore]:
    async with open_store(":memory:") as store:
        for user in (OWNER, OTHER):
            await store.users.add(user)
        await store.users.add(replace(ADMIN, site_role=SiteRole.ADMIN))
        await store.users.add(replace(BANNED, banned=True, site_role=SiteRole.ADMIN))
        await store.channels.add(CHANNEL)
        yield store


@pytest.fixture
def bus() -> LocalBus:
    return LocalBus(lambda: NOW)


@pytest.fixture
def emotes(store: SqliteStore, bus: LocalBus) -> EmoteService:
    limit = RateLimit(BURST, timedelta(seconds=1), lambda: 0.0, "Slow down.")
    members = MembershipService(store.users, store.chat_settings)
    moderation_log = ModerationLogService(store.moderation_log, bus, lambda: NOW)
    return EmoteService(
        members, store.channels, store.emotes, PillowPictures(), limit, moderation_log, bus, lambda: NOW
    )


@pytest.mark.parametrize("user_id", ["u-owner", "u-admin"])
async def test_owner_and_admin_can_change_emotes_and_changes_are_announced(
    emotes: EmoteService, bus: LocalBus, user_id: str
) -> None:
    heard = EventRecorder()
    async with bus.subscribe([CHAT_TOPIC], heard):
        emote = await emotes.add("c1", user_id, "hype", PICTURE)
        assert await emotes.of("c1") == [emote]
        media_type, content = await emotes.picture("c1", emote.emote_id)
        await emotes.remove("c1", user_id, emote.emote_id)
        await heard.until(lambda: len(heard.deliveries) == 3)

    assert (emote.name, emote.width, emote.height, emote.added_at) == ("hype", 28, 28, NOW)
    assert media_type == emote.media_type == "image/webp"
    assert content != PICTURE, "it is made anew"
    assert await emotes.of("c1") == []
    assert [type(delivery.event) for delivery in heard.deliveries] == [
        ChatEmotesChanged,
        ChatModerated,
        ChatEmotesChanged,
    ]


@pytest.mark.parametrize("name", ["owner", "admin"])
async def test_deleting_an_emote_adds_one_log_entry(emotes: EmoteService, store: SqliteStore, name: str) -> None:
    emote = await emotes.add("c1", "u-owner", "hype", PICTURE)

    await asyncio.gather(*(emotes.remove("c1", f"u-{name}", emote.emote_id) for _ in range(3)))

    [entry] = await store.moderation_log.newest("c1", 10)
    assert (entry.by, entry.action, entry.detail) == (name, ModerationAction.REMOVE_EMOTE, ":hype:")


@pytest.mark.parametrize("user_id", ["u-other", "u-banned"])
async def test_other_users_cannot_change_emotes(emotes: EmoteService, user_id: str) -> None:
    emote = await emotes.add("c1", "u-owner", "hype", PICTURE)

    with pytest.raises(ForbiddenError):
        await emotes.add("c1", user_id, "mine", PICTURE)
    with pytest.raises(ForbiddenError):
        await emotes.remove("c1", user_id, emote.emote_id)

    assert await emotes.of("c1") == [emote]


async def test_moderators_cannot_change_emotes(emotes: EmoteService, store: SqliteStore) -> None:
    await store.chat_settings.add_moderator("c1", Chatter("u-other", "other"))

    with pytest.raises(ForbiddenError):
        await emotes.add("c1", "u-other", "mine", PICTURE)


async def test_unknown_channels_and_emotes_are_not_found(emotes: EmoteService) -> None:
    for asked in (
        emotes.of("c-none"),
        emotes.add("c-none", "u-owner", "hype", PICTURE),
        emotes.add("c1", "u-none", "hype", PICTURE),
        emotes.picture("c1", "o-none"),
    ):
        with pytest.raises(NotFoundError):
            await asked


@pytest.mark.parametrize("typed", ["hype", " hype ", ":hype:", "hype:", " :hype: "])
def test_colons_and_space_around_a_name_are_removed(typed: str) -> None:
    assert policy.clean_name(typed) == "hype"


@pytest.mark.parametrize("name", ["ab", "A_9", "a" * 24, "__", "42"])
def test_valid_names_are_accepted(name: str) -> None:
    assert policy.clean_name(name) == name


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Enter a name"),
        (":", "Enter a name"),
        (" :: ", "Enter a name"),
        ("a", "You entered 1"),
        ("a" * 25, "You entered 25"),
        ("two words", "without spaces"),
        ("hyp\u00e9", "Use letters a to z"),
        ("h\u0443pe", "Use letters a to z"),
        ("<b>", "Use letters a to z"),
        ("a-b", "Use letters a to z"),
        ("\u0661\u0662", "Use letters a to z"),
    ],
)
def test_an_invalid_name_is_refused_with_a_hint(typed: str, words: str) -> None:
    with pytest.raises(InvalidError, match=words) as refused:
        policy.clean_name(typed)

    assert refused.value.field == "name"


async def test_all_errors_are_reported_at_once(emotes: EmoteService) -> None:
    with pytest.raises(InvalidError) as refused:
        await emotes.add("c1", "u-owner", "", b"")

    assert set(refused.value.fields) == {"name", "picture"}


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (b"", "Choose an image that is not empty"),
        (bytes(policy.UPLOAD_MAX_BYTES + 1), "1,024 KB at most. This one has 1,025 KB"),
        (SVG, "Use PNG, GIF, WebP or JPEG"),
    ],
)
async def test_an_invalid_file_is_refused_and_changes_nothing(emotes: EmoteService, upload: bytes, words: str) -> None:
    with pytest.raises(InvalidError, match=words) as refused:
        await emotes.add("c1", "u-owner", "hype", upload)

    assert refused.value.field == "picture"
    assert await emotes.of("c1") == []


async def test_names_are_unique_within_a_channel(emotes: EmoteService) -> None:
    await emotes.add("c1", "u-owner", "hype", PICTURE)

    with pytest.raises(TakenError):
        await emotes.add("c1", "u-owner", "HYPE", PICTURE)


async def test_the_number_of_emotes_is_limited(emotes: EmoteService) -> None:
    for number in range(policy.EMOTES_MAX):
        await emotes.add("c1", "u-owner", f"emote_{number}", PICTURE)

    with pytest.raises(ConflictError, match=r"50 emotes at most\. Delete one first\."):
        await emotes.add("c1", "u-owner", "one_more", PICTURE)

    [first, *_] = await emotes.of("c1")
    await emotes.remove("c1", "u-owner", first.emote_id)
    await emotes.add("c1", "u-owner", "one_more", PICTURE)


async def test_the_upload_rate_is_limited(emotes: EmoteService) -> None:
    for _ in range(BURST):
        with pytest.raises(InvalidError):
            await emotes.add("c1", "u-owner", "hype", SVG)

    with pytest.raises(RateLimitedError):
        await emotes.add("c1", "u-owner", "hype", PICTURE)
