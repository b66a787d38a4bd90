"""Messages that a filter held."""

import asyncio

import pytest

from streaming_app.backend.chat.model import Deed, Entry, Filtered
from streaming_app.backend.errors import ForbiddenError, NotFoundError
from tests.unit.chat.conftest import Room


async def hold(room: Room, text: str = "so bad") -> str:
    await room.keep(blocked_terms=("bad",), filtered=Filtered.HELD)
    await room.post("Ann", text)
    return (await room.overview()).held[-1].message_id


async def test_a_message_that_is_let_through_is_said(room: Room) -> None:
    question = await room.say("Eve", "how are you?")
    await room.keep(blocked_terms=("bad",), filtered=Filtered.HELD)
    await room.post("Ann", "so bad", reply_to=question)
    [held] = (await room.overview()).held

    entry = await room.review.approve("c1", "u-max", held.message_id)

    (_, message) = await room.chat.recent("c1", 10)
    assert (message.message_id, message.username, message.text) == (held.message_id, "Ann", "so bad")
    assert message.reply_to == held.reply_to
    assert (entry.deed, entry.target, entry.detail) == (Deed.APPROVE, "Ann", "so bad")
    assert (await room.overview()).held == []


async def test_a_message_that_is_rejected_is_never_said(room: Room) -> None:
    message_id = await hold(room)

    await room.review.reject("c1", "u-max", message_id)

    assert await room.texts() == []
    assert (await room.last()).deed is Deed.REJECT


async def test_one_of_two_decides_and_the_other_reads_so(room: Room) -> None:
    message_id = await hold(room)

    results = await asyncio.gather(
        room.review.approve("c1", "u-max", message_id),
        room.review.reject("c1", "u-mia", message_id),
        return_exceptions=True,
    )

    assert [type(result) for result in results].count(Entry) == 1
    [refused] = [result for result in results if isinstance(result, NotFoundError)]
    assert "decided already" in refused.public_message
    assert len(await room.log()) == 1


async def test_viewers_decide_nothing(room: Room) -> None:
    message_id = await hold(room)

    for decide in (room.review.approve, room.review.reject):
        with pytest.raises(ForbiddenError):
            await decide("c1", "u-ann", message_id)

    assert len((await room.overview()).held) == 1
