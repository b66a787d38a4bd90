"""Posting and reading chat messages on a real store and bus."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from streaming_app.backend.accounts.model import User
from streaming_app.backend.adapters.sqlite import open_store
from streaming_app.backend.bus import Delivery
from streaming_app.backend.chat.archiver import ChatArchiver
from streaming_app.backend.chat.event_conversion import messages_from_deliveries
from streaming_app.backend.chat.model import QuotedMessage, Role
from streaming_app.backend.chat.policy import derive_message_id
from streaming_app.backend.chat.quoted_messages import QUOTED_TEXT_MAX
from streaming_app.backend.errors import (
    BusUnavailableError,
    DomainError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    RateLimitedError,
    StoreUnavailableError,
)
from streaming_app.backend.events import CHAT_TOPIC, ChatMessageSent
from tests.rig.chat_room import CHANNEL, START, Room, id_of
from tests.rig.event_recorder import EventRecorder
from tests.rig.faults import Fault

BURST = 50


async def test_a_message_is_archived_when_post_returns(room: Room) -> None:
    message_id = await room.say("Ann", "  hello\t🐈 ")

    (message,) = await room.chat.recent("c1", 10)
    assert (message.message_id, message.channel_id, message.user_id) == (message_id, "c1", "u-ann")
    assert (message.username, message.text, message.sent_at) == ("Ann", "hello 🐈", START)


@pytest.mark.parametrize(
    ("name", "role"),
    [("Ann", Role.VIEWER), ("Max", Role.MODERATOR), ("Olga", Role.OWNER), ("Sid", Role.ADMIN)],
)
async def test_a_message_has_its_authors_role(room: Room, name: str, role: Role) -> None:
    await room.say(name, "hello")

    (message,) = await room.chat.recent("c1", 10)
    assert message.role is role


async def test_a_message_is_delivered_to_all_subscribers(room: Room) -> None:
    first, second = EventRecorder(), EventRecorder()
    async with room.bus.subscribe([CHAT_TOPIC], first), room.bus.subscribe([CHAT_TOPIC], second):
        await room.say("Ann", "hello")

        await first.until_received("hello")
        await second.until_received("hello")

    assert (
        messages_from_deliveries(first.deliveries)
        == messages_from_deliveries(second.deliveries)
        == await room.chat.recent("c1", 10)
    )


async def test_concurrent_messages_are_archived_in_the_order_of_delivery(room: Room) -> None:
    await asyncio.gather(*(room.say("Ann", f"line {n}") for n in range(BURST)))
    await room.heard.until(lambda: len(room.heard.deliveries) == BURST)

    assert await room.texts() == room.heard.texts
    assert sorted(room.heard.texts) == sorted(f"line {n}" for n in range(BURST))


async def test_messages_can_be_read_from_a_position(room: Room) -> None:
    for text in ("one", "two", "three", "four"):
        await room.say("Ann", text)
    first = (await room.chat.recent("c1", 10))[0]

    following = await room.chat.after("c1", first.position, 2)

    assert [message.text for message in following] == ["two", "three"]


@pytest.mark.parametrize(
    ("channel_id", "user_id", "text", "refusal"),
    [
        ("c1", "u-ann", "", InvalidError),
        ("c1", "u-ann", "\u200b", InvalidError),
        ("c1", "u-ann", "a" * 401, InvalidError),
        ("c1", "u-nobody", "hi", NotFoundError),
        ("c-none", "u-ann", "hi", NotFoundError),
        ("c1", "u-ann", "/nonsense", InvalidError),
    ],
)
async def test_a_refused_message_is_not_published(
    room: Room, channel_id: str, user_id: str, text: str, refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal):
        await room.chat.post(channel_id, user_id, text)

    await room.say("Ann", "the end")
    await room.heard.until_received("the end")
    assert room.heard.texts == await room.texts() == ["the end"]


async def test_two_slashes_send_a_text_with_one(room: Room) -> None:
    await room.say("Ann", "//ban is a command")

    assert await room.texts() == ["/ban is a command"]


async def test_a_user_banned_from_the_site_cannot_post(room: Room) -> None:
    await room.store.users.set_banned("u-ann", banned=True)

    with pytest.raises(ForbiddenError):
        await room.post("Ann", "hi")

    assert await room.texts() == []


async def test_the_rate_limit_says_how_long_to_wait(room: Room) -> None:
    for number in range(BURST):
        await room.say("Ann", f"{number}")

    with pytest.raises(RateLimitedError) as refused:
        await room.post("Ann", "one more")

    assert refused.value.retry_after == timedelta(seconds=1)
    assert len(await room.texts()) == BURST


async def test_commands_count_for_the_rate_limit(room: Room) -> None:
    for _ in range(BURST):
        await room.run_command("Ann", "/help")

    with pytest.raises(RateLimitedError):
        await room.post("Ann", "/help")


@pytest.mark.parametrize("text", ["", "a" * 401, "a" * 30, "/nonsense"])
async def test_refused_text_counts_for_the_rate_limit(room: Room, text: str) -> None:
    for _ in range(BURST):
        with pytest.raises(InvalidError):
            await room.post("Ann", text)

    with pytest.raises(RateLimitedError):
        await room.post("Ann", "hi")


async def test_messages_refused_by_an_outage_do_not_count_for_the_rate_limit() -> None:
    async with open_store(":memory:") as store:
        room = Room(store)
        await _settle(room)

        for attempt in range(2):
            posts = [room.post("Ann", f"{attempt} {number}") for number in range(BURST)]
            refusals = await asyncio.gather(*posts, return_exceptions=True)
            assert {type(refusal) for refusal in refusals} == {BusUnavailableError}
        room.faults.fail_at(0, Fault.REFUSED)
        with pytest.raises(StoreUnavailableError):
            await room.post("Ann", "hi")


async def test_a_message_that_is_sent_again_appears_once_in_the_archive_and_has_its_first_id(room: Room) -> None:
    ids = {await room.say("Ann", "hi", client_id="ann-hi-1") for _ in range(3)}

    assert len(ids) == 1
    assert await room.texts() == ["hi"]


async def test_the_same_client_id_with_another_text_channel_or_author_is_another_message(room: Room) -> None:
    await room.say("Ann", "hi", client_id="the-same-id")
    await room.say("Ann", "ho", client_id="the-same-id")
    await room.say("Eve", "hi", client_id="the-same-id")
    await room.say("Ann", "he", client_id="another-id")

    assert await room.texts() == ["hi", "ho", "hi", "he"]
    assert derive_message_id("c1", "u-ann", "the-same-id", "hi") != derive_message_id(
        "c2", "u-ann", "the-same-id", "hi"
    )


@pytest.mark.parametrize("command", ["/clear Ann", "/delete"])
async def test_a_deleted_message_is_not_shown_when_it_is_sent_again(room: Room, command: str) -> None:
    first = await room.say("Ann", "hi", client_id="ann-hi-1")
    await room.run_command("Mia", command, first if command == "/delete" else "")

    again = await room.say("Ann", "hi", client_id="ann-hi-1")

    assert again == first
    assert [said.event_id for said in await room.events(ChatMessageSent)].count(first) == 1
    assert "hi" not in await room.texts()


@pytest.mark.parametrize("client_id", ["short", "x" * 65, "with space", "with\nline", "ümlaut-id"])
async def test_an_invalid_client_id_is_refused(room: Room, client_id: str) -> None:
    with pytest.raises(InvalidError, match="8 to 64 letters") as refused:
        await room.post("Ann", "hi", client_id=client_id)

    assert refused.value.field == "id"


async def test_a_reply_quotes_the_beginning_of_the_message(room: Room) -> None:
    question = await room.say("Ann", "what\n\nis  this? " + "so very " * 30)

    await room.say("Eve", "a chat", reply_to=question)

    (_, answer) = await room.chat.recent("c1", 10)
    quote = answer.reply_to
    assert quote
    assert (quote.message_id, quote.username) == (question, "Ann")
    assert quote.text.startswith("what is this? so very so")
    assert quote.text.endswith("…")
    assert len(quote.text) <= QUOTED_TEXT_MAX


async def test_a_short_message_is_quoted_in_full(room: Room) -> None:
    question = await room.say("Ann", "why?")

    await room.say("Eve", "because", reply_to=question)

    assert (await room.chat.recent("c1", 10))[1].reply_to == QuotedMessage(question, "Ann", "why?")


async def test_replies_to_missing_messages_are_refused(room: Room) -> None:
    gone = await room.say("Ann", "why?")
    await room.moderation.delete("c1", "u-olga", gone)

    for message_id in (gone, "nonsense"):
        with pytest.raises(NotFoundError, match="The message you replied to no longer exists"):
            await room.post("Eve", "because", reply_to=message_id)


async def test_a_message_is_not_acknowledged_without_an_archive() -> None:
    async with open_store(":memory:") as store:
        room = Room(store)
        await _settle(room)

        for _ in range(2):  # a message that was not posted may be repeated at once
            with pytest.raises(BusUnavailableError):
                await room.post("Ann", "hi")


async def test_a_message_is_stored_once_after_an_archive_failure() -> None:
    async with open_store(":memory:") as store:
        room, chat_archiver, failures = Room(store), ChatArchiver(store.chat_archive), iter([True, True])
        await _settle(room)

        async def failing_archive(batch: Sequence[Delivery]) -> None:
            await chat_archiver.handle(batch)
            if next(failures, False):
                message = "the disk is full"
                raise OSError(message)

        async with room.bus.subscribe([CHAT_TOPIC], failing_archive, group="chat-archiver"):
            await room.say("Ann", "hi")

        assert await room.texts() == ["hi"]


async def _settle(room: Room) -> None:
    """A chat service without an archiver."""
    await room.store.users.add(_user("Ann"))
    await room.store.channels.add(CHANNEL)


def _user(name: str) -> User:
    return User(id_of(name), name, f"{name}@example.com", "hash", START)
