"""Say something, and read what was said: on real parts."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from streaming_app.backend.accounts.model import User
from streaming_app.backend.adapters.local_bus import LocalBus
from streaming_app.backend.adapters.sqlite import SqliteStore, open_store
from streaming_app.backend.bus import Delivery
from streaming_app.backend.chat.archiving import Archiving
from streaming_app.backend.chat.deliveries import messages_in
from streaming_app.backend.chat.service import ChatService
from streaming_app.backend.errors import (
    BusUnavailableError,
    DomainError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    RateLimitedError,
)
from streaming_app.backend.events import CHAT_TOPIC
from streaming_app.backend.rate_limit import RateLimit
from streaming_app.backend.streams.model import Channel
from tests.contract.bus.heard import Heard

NOW = datetime(2026, 11, 24, 12, 30, 15, 123_000, tzinfo=UTC)
ANN = User("u-ann", "Ann", "ann@example.com", "hash", NOW)
CHANNEL = Channel("c1", "u-bob", "bob", "Bob", "Bob's stream", "", "key", b"sealed", NOW)
BURST = 50


@pytest.fixture
async def store() -> AsyncIterator[SqliteStore]:
    async with open_store(":memory:") as store:
        await store.users.add(ANN)
        await store.channels.add(CHANNEL)
        yield store


@pytest.fixture
def bus() -> LocalBus:
    return LocalBus(lambda: NOW)


@pytest.fixture
def chat(store: SqliteStore, bus: LocalBus) -> ChatService:
    limit = RateLimit(BURST, timedelta(seconds=1), lambda: NOW, "You are writing fast.")
    return ChatService(store.users, store.channels, store.chat_archive, limit, bus, lambda: NOW, max_length=20)


@pytest.fixture
async def archiver(store: SqliteStore, bus: LocalBus) -> AsyncIterator[None]:
    async with bus.subscribe([CHAT_TOPIC], Archiving(store.chat_archive).hear, group="chat-archiver"):
        yield


async def texts(chat: ChatService) -> list[str]:
    return [message.text for message in await chat.recent("c1", 100)]


@pytest.mark.usefixtures("archiver")
async def test_what_was_said_is_archived_when_posting_returns(chat: ChatService) -> None:
    await chat.post("c1", "u-ann", "  hello\t🐈 ")

    (message,) = await chat.recent("c1", 10)
    assert (message.channel_id, message.user_id, message.username) == ("c1", "u-ann", "Ann")
    assert (message.text, message.sent_at) == ("hello 🐈", NOW)


@pytest.mark.usefixtures("archiver")
async def test_what_was_said_is_heard_by_every_screen(chat: ChatService, bus: LocalBus) -> None:
    first, second = Heard(), Heard()
    async with bus.subscribe([CHAT_TOPIC], first), bus.subscribe([CHAT_TOPIC], second):
        await chat.post("c1", "u-ann", "hello")

        await first.until_heard("hello")
        await second.until_heard("hello")

    assert messages_in(first.deliveries) == messages_in(second.deliveries) == await chat.recent("c1", 10)


@pytest.mark.usefixtures("archiver")
async def test_all_who_talk_at_once_are_archived_in_the_order_in_which_they_are_heard(
    chat: ChatService, bus: LocalBus
) -> None:
    heard = Heard()
    async with bus.subscribe([CHAT_TOPIC], heard):
        await asyncio.gather(*(chat.post("c1", "u-ann", f"line {n}") for n in range(BURST)))
        await heard.until(lambda: len(heard.deliveries) == BURST)

    assert await texts(chat) == heard.texts
    assert sorted(heard.texts) == sorted(f"line {n}" for n in range(BURST))


@pytest.mark.usefixtures("archiver")
async def test_reading_goes_on_after_a_position(chat: ChatService) -> None:
    for text in ("one", "two", "three", "four"):
        await chat.post("c1", "u-ann", text)
    first = (await chat.recent("c1", 10))[0]

    following = await chat.after("c1", first.position, 2)

    assert [message.text for message in following] == ["two", "three"]


@pytest.mark.parametrize(
    ("post", "refusal"),
    [
        (("c1", "u-ann", ""), InvalidError),
        (("c1", "u-ann", "\u200b"), InvalidError),
        (("c1", "u-ann", "a" * 21), InvalidError),
        (("c1", "u-nobody", "hi"), NotFoundError),
        (("c-none", "u-ann", "hi"), NotFoundError),
    ],
)
@pytest.mark.usefixtures("archiver")
async def test_what_is_refused_is_said_nowhere(
    chat: ChatService, bus: LocalBus, post: tuple[str, str, str], refusal: type[DomainError]
) -> None:
    heard = Heard()
    async with bus.subscribe([CHAT_TOPIC], heard):
        with pytest.raises(refusal):
            await chat.post(*post)

        await chat.post("c1", "u-ann", "the end")
        await heard.until_heard("the end")

    assert heard.texts == await texts(chat) == ["the end"]


@pytest.mark.usefixtures("archiver")
async def test_who_is_banned_from_the_site_says_nothing(chat: ChatService, store: SqliteStore) -> None:
    await store.users.set_banned("u-ann", banned=True)

    with pytest.raises(ForbiddenError):
        await chat.post("c1", "u-ann", "hi")

    assert await texts(chat) == []


@pytest.mark.usefixtures("archiver")
async def test_who_writes_too_fast_is_told_how_long_to_wait(chat: ChatService) -> None:
    for number in range(BURST):
        await chat.post("c1", "u-ann", f"{number}")

    with pytest.raises(RateLimitedError) as refused:
        await chat.post("c1", "u-ann", "one more")

    assert refused.value.retry_after == timedelta(seconds=1)
    assert len(await texts(chat)) == BURST


@pytest.mark.usefixtures("archiver")
async def test_text_that_breaks_a_rule_does_not_count_as_written(chat: ChatService) -> None:
    for _ in range(BURST + 1):
        with pytest.raises(InvalidError):
            await chat.post("c1", "u-ann", "")

    await chat.post("c1", "u-ann", "hi")


async def test_without_an_archive_nothing_is_acknowledged(chat: ChatService) -> None:
    with pytest.raises(BusUnavailableError):
        await chat.post("c1", "u-ann", "hi")


async def test_an_archive_that_fails_and_comes_back_keeps_the_message_once(
    chat: ChatService, store: SqliteStore, bus: LocalBus
) -> None:
    archiving = Archiving(store.chat_archive)
    failures = iter([True, True])

    async def archive_badly(batch: Sequence[Delivery]) -> None:
        await archiving.hear(batch)
        if next(failures, False):
            message = "the disk is full"
            raise OSError(message)

    async with bus.subscribe([CHAT_TOPIC], archive_badly, group="chat-archiver"):
        await chat.post("c1", "u-ann", "hi")

    assert await texts(chat) == ["hi"]
