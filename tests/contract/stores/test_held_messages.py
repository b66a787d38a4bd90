"""Both stores keep messages that wait alike."""

import asyncio
from dataclasses import replace

import pytest

from streaming_app.backend.chat.model import HeldMessage, Role
from streaming_app.backend.errors import NotFoundError
from tests.contract.stores.samples import HELD, MILLISECOND, NOW, Store


@pytest.mark.parametrize("held", [HELD, replace(HELD, role=Role.MODERATOR, reply_to=None)])
async def test_a_held_message_is_taken_as_it_was_put_in(store: Store, held: HeldMessage) -> None:
    await store.held_messages.add(held)

    assert await store.held_messages.waiting("c-ann", 10) == [held]
    assert await store.held_messages.take("c-ann", "m-1") == held
    assert await store.held_messages.waiting("c-ann", 10) == []


async def test_what_waits_longest_comes_first(store: Store) -> None:
    held = [replace(HELD, message_id=f"m-{9 - number}", held_at=NOW + number * MILLISECOND) for number in range(4)]
    for number in (2, 0, 3, 1):
        await store.held_messages.add(held[number])
    await store.held_messages.add(replace(HELD, message_id="m-bob", channel_id="c-bob"))

    assert await store.held_messages.waiting("c-ann", 3) == held[:3]
    assert await store.held_messages.waiting("c-ann", 0) == []


async def test_a_message_is_taken_once_and_from_its_own_channel(store: Store) -> None:
    await store.held_messages.add(HELD)

    with pytest.raises(NotFoundError):
        await store.held_messages.take("c-bob", "m-1")
    with pytest.raises(NotFoundError):
        await store.held_messages.take("c-ann", "m-2")
    assert await store.held_messages.take("c-ann", "m-1") == HELD
    with pytest.raises(NotFoundError):
        await store.held_messages.take("c-ann", "m-1")


async def test_of_twenty_who_take_a_message_at_once_one_gets_it(store: Store) -> None:
    await store.held_messages.add(HELD)

    answers = await asyncio.gather(
        *(store.held_messages.take("c-ann", "m-1") for _ in range(20)), return_exceptions=True
    )

    assert [answer for answer in answers if isinstance(answer, HeldMessage)] == [HELD]
    assert sum(isinstance(answer, NotFoundError) for answer in answers) == 19
