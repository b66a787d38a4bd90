"""Both stores keep the moderation log alike."""

import asyncio
from dataclasses import replace

import pytest

from streaming_app.backend.chat.model import Deed, Entry
from streaming_app.backend.errors import NotFoundError
from tests.contract.stores.samples import ENTRY, MILLISECOND, NOW, Store


def entry(number: int) -> Entry:
    return replace(ENTRY, entry_id=f"e-{number}", at=NOW + number * MILLISECOND)


async def test_an_entry_comes_back_as_it_was_put_in(store: Store) -> None:
    await store.moderation_log.add(ENTRY)

    assert await store.moderation_log.get("c-ann", "e-1") == ENTRY
    assert await store.moderation_log.newest("c-ann", 10) == [ENTRY]


@pytest.mark.parametrize("deed", list(Deed))
async def test_every_deed_is_kept(store: Store, deed: Deed) -> None:
    done = replace(ENTRY, deed=deed, target="", target_id="", message_ids=(), undone_at=NOW, undone_by="Bob")

    await store.moderation_log.add(done)

    assert await store.moderation_log.get("c-ann", "e-1") == done


async def test_an_entry_is_found_in_its_channel_alone(store: Store) -> None:
    await store.moderation_log.add(ENTRY)

    for look_up in (store.moderation_log.get("c-bob", "e-1"), store.moderation_log.get("c-ann", "e-2")):
        with pytest.raises(NotFoundError):
            await look_up


async def test_the_newest_entries_come_newest_first(store: Store) -> None:
    for number in (3, 1, 5, 2, 4):
        await store.moderation_log.add(entry(number))
    await store.moderation_log.add(replace(entry(6), channel_id="c-bob"))

    assert await store.moderation_log.newest("c-ann", 2) == [entry(5), entry(4)]
    assert await store.moderation_log.newest("c-ann", 10) == [entry(number) for number in (5, 4, 3, 2, 1)]
    assert await store.moderation_log.newest("c-ann", 0) == []


async def test_what_is_undone_says_when_and_by_whom(store: Store) -> None:
    await store.moderation_log.add(ENTRY)

    assert await store.moderation_log.set_undone("c-ann", "e-1", NOW + MILLISECOND, "Bob")
    assert not await store.moderation_log.set_undone("c-ann", "e-1", NOW, "Eve")

    undone = replace(ENTRY, undone_at=NOW + MILLISECOND, undone_by="Bob")
    assert await store.moderation_log.get("c-ann", "e-1") == undone


async def test_what_is_not_in_the_channels_log_cannot_be_undone(store: Store) -> None:
    await store.moderation_log.add(ENTRY)

    assert not await store.moderation_log.set_undone("c-bob", "e-1", NOW, "Bob")
    assert not await store.moderation_log.set_undone("c-ann", "e-2", NOW, "Bob")

    assert await store.moderation_log.get("c-ann", "e-1") == ENTRY


async def test_of_twenty_who_undo_an_entry_at_once_one_does(store: Store) -> None:
    await store.moderation_log.add(ENTRY)

    answers = await asyncio.gather(
        *(store.moderation_log.set_undone("c-ann", "e-1", NOW, f"mod{number}") for number in range(20))
    )

    assert answers.count(True) == 1
    assert (await store.moderation_log.get("c-ann", "e-1")).undone_by == f"mod{answers.index(True)}"
