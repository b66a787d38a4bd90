"""Review of held messages."""

import asyncio

import pytest

from streaming_app.backend.chat.model import FilterAction, ModerationAction, ModerationLogEntry
from streaming_app.backend.errors import ConflictError, ForbiddenError, NotFoundError
from tests.rig.chat_room import Room


async def hold(room: Room, text: str = "so bad") -> str:
    await room.set_rules(blocked_terms=("bad",), filtered=FilterAction.HELD)
    await room.post("Ann", text)
    return (await room.dashboard()).held[-1].message_id


async def test_an_approved_message_is_published(room: Room) -> None:
    question = await room.say("Eve", "how are you?")
    await room.set_rules(blocked_terms=("bad",), filtered=FilterAction.HELD)
    await room.post("Ann", "so bad", reply_to=question)
    [held] = (await room.dashboard()).held

    entry = await room.held_messages.approve("c1", "u-max", held.message_id)

    (_, message) = await room.chat.recent("c1", 10)
    assert (message.message_id, message.username, message.text) == (held.message_id, "Ann", "so bad")
    assert message.reply_to == held.reply_to
    assert (entry.action, entry.target, entry.detail) == (ModerationAction.APPROVE, "Ann", "so bad")
    assert (await room.dashboard()).held == []


async def test_a_rejected_message_is_not_published(room: Room) -> None:
    message_id = await hold(room)

    await room.held_messages.reject("c1", "u-max", message_id)

    assert await room.texts() == []
    assert (await room.last_entry()).action is ModerationAction.REJECT


async def test_an_approved_message_does_not_quote_a_deleted_message(room: Room) -> None:
    question = await room.say("Eve", "how are you?")
    await room.set_rules(blocked_terms=("bad",), filtered=FilterAction.HELD)
    await room.post("Ann", "so bad", reply_to=question)
    await room.run_command("Max", "/delete", reply_to=question)
    [held] = (await room.dashboard()).held

    await room.held_messages.approve("c1", "u-max", held.message_id)

    [said] = await room.chat.recent("c1", 9)
    assert said.reply_to
    assert said.reply_to.is_deleted


async def test_of_two_concurrent_decisions_one_is_refused(room: Room) -> None:
    message_id = await hold(room)

    results = await asyncio.gather(
        room.held_messages.approve("c1", "u-max", message_id),
        room.held_messages.reject("c1", "u-mia", message_id),
        return_exceptions=True,
    )

    assert [type(result) for result in results].count(ModerationLogEntry) == 1
    [refused] = [result for result in results if isinstance(result, ConflictError | NotFoundError)]
    assert "review" in refused.public_message
    assert len(await room.log()) == 1
    with pytest.raises(NotFoundError, match="already reviewed"):
        await room.held_messages.approve("c1", "u-olga", message_id)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("/ban ann", "Ann is banned from this chat, so this message can't be approved. You can reject it."),
        (
            "/timeout ann 10m",
            "Ann is timed out for another 10 minutes, so this message can't be approved. You can reject it.",
        ),
    ],
)
async def test_a_message_of_a_banned_author_cannot_be_approved(room: Room, command: str, words: str) -> None:
    message_id = await hold(room)
    await room.run_command("Max", command)

    with pytest.raises(ConflictError) as refused:
        await room.held_messages.approve("c1", "u-max", message_id)

    assert refused.value.public_message == words
    assert await room.texts() == []
    await room.held_messages.reject("c1", "u-max", message_id)
    assert (await room.dashboard()).held == []


async def test_a_message_of_an_author_banned_from_the_site_cannot_be_approved(room: Room) -> None:
    message_id = await hold(room)
    await room.store.users.set_banned("u-ann", banned=True)

    with pytest.raises(ConflictError, match="banned from the site"):
        await room.held_messages.approve("c1", "u-max", message_id)

    assert len((await room.dashboard()).held) == 1


async def test_viewers_cannot_decide(room: Room) -> None:
    message_id = await hold(room)

    for decide in (room.held_messages.approve, room.held_messages.reject):
        with pytest.raises(ForbiddenError):
            await decide("c1", "u-ann", message_id)

    assert len((await room.dashboard()).held) == 1
