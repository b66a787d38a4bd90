"""Messages held for review, with the same behaviour in both stores."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from streaming_app.backend.adapters.store import Store
from streaming_app.backend.chat.model import HeldMessage, ModerationAction, QuotedMessage, Role
from streaming_app.backend.errors import ConflictError, NotFoundError
from tests.contract.stores.samples import HELD, MILLISECOND, NOW, message

LEASE = timedelta(seconds=10)


@pytest.mark.parametrize("held", [HELD, replace(HELD, role=Role.MODERATOR, reply_to=None)])
async def test_a_held_message_is_read_as_it_was_stored_until_it_is_removed(store: Store, held: HeldMessage) -> None:
    await store.held_messages.add(held)
    await store.held_messages.add(replace(held, text="another one"))

    assert await store.held_messages.waiting("c-ann", 10) == [held]
    assert await store.held_messages.get("c-ann", "m-1") == held
    await store.held_messages.remove("c-bob", "m-1")
    assert await store.held_messages.waiting("c-ann", 10) == [held]
    await store.held_messages.remove("c-ann", "m-1")
    await store.held_messages.remove("c-ann", "m-1")
    assert await store.held_messages.waiting("c-ann", 10) == []


async def test_held_messages_are_listed_oldest_first(store: Store) -> None:
    held = [replace(HELD, message_id=f"m-{9 - number}", held_at=NOW + number * MILLISECOND) for number in range(4)]
    for number in (2, 0, 3, 1):
        await store.held_messages.add(held[number])
    await store.held_messages.add(replace(HELD, message_id="m-bob", channel_id="c-bob"))

    assert await store.held_messages.waiting("c-ann", 3) == held[:3]
    assert await store.held_messages.waiting("c-ann", 0) == []


async def test_held_messages_of_a_user_are_listed_oldest_first(store: Store) -> None:
    later = replace(HELD, message_id="m-2", channel_id="c-bob", held_at=NOW + MILLISECOND)
    for held in (later, HELD, replace(HELD, message_id="m-3", user_id="u-max")):
        await store.held_messages.add(held)

    assert await store.held_messages.by_author("u-eve", 10) == [HELD, later]
    assert await store.held_messages.by_author("u-eve", 1) == [HELD]


async def claim(store: Store, by: str, at: datetime = NOW, message_id: str = "m-1") -> HeldMessage:
    return await store.held_messages.claim("c-ann", message_id, by, ModerationAction.REJECT, at, LEASE)


async def test_a_message_that_is_not_held_is_not_found(store: Store) -> None:
    await store.held_messages.add(replace(HELD, channel_id="c-bob"))

    for look_up in (claim(store, "u-max"), store.held_messages.get("c-ann", "m-1")):
        with pytest.raises(NotFoundError):
            await look_up


async def test_a_claim_can_be_renewed_by_its_holder_only(store: Store) -> None:
    await store.held_messages.add(HELD)

    assert await claim(store, "u-max") == HELD
    assert await claim(store, "u-max") == replace(HELD, decision=ModerationAction.REJECT)
    with pytest.raises(ConflictError):
        await claim(store, "u-mia", NOW + LEASE)

    assert await store.held_messages.get("c-ann", "m-1") == replace(HELD, decision=ModerationAction.REJECT)


@pytest.mark.parametrize("later", [LEASE + MILLISECOND, -timedelta(hours=1)])
async def test_a_claim_expires_on_time_when_the_clock_is_set_back(store: Store, later: timedelta) -> None:
    await store.held_messages.add(HELD)
    await claim(store, "u-max")

    claimed = await claim(store, "u-mia", NOW + later)

    assert claimed.message_id == HELD.message_id


async def test_one_of_twenty_concurrent_claims_of_a_message_succeeds(store: Store) -> None:
    await store.held_messages.add(HELD)

    answers = await asyncio.gather(*(claim(store, f"u-{number}") for number in range(20)), return_exceptions=True)

    assert [answer for answer in answers if isinstance(answer, HeldMessage)] == [HELD]
    assert sum(isinstance(answer, ConflictError) for answer in answers) == 19


async def test_a_held_reply_does_not_quote_a_deleted_message(store: Store) -> None:
    await store.chat_archive.add([message(0)])
    await store.held_messages.add(HELD)
    await store.chat_archive.delete("c-ann", "e-1", ["m-0"])

    quoted = QuotedMessage("m-0", "Ann", "")
    assert (await store.held_messages.get("c-ann", "m-1")).reply_to == quoted
    assert [held.reply_to for held in await store.held_messages.waiting("c-ann", 9)] == [quoted]
    assert (await claim(store, "u-max")).reply_to == quoted
