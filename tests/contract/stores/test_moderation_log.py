"""The moderation log, with the same behaviour in both stores."""

import asyncio
from dataclasses import replace

import pytest

from streaming_app.backend.adapters.store import Store
from streaming_app.backend.chat.model import EntryState, ModerationAction, ModerationLogEntry
from streaming_app.backend.errors import NotFoundError
from tests.contract.stores.samples import ENTRY, MILLISECOND, NOW


def entry(number: int) -> ModerationLogEntry:
    return replace(ENTRY, entry_id=f"e-{number}", at=NOW + number * MILLISECOND)


async def test_an_entry_is_read_as_it_was_stored(store: Store) -> None:
    await store.moderation_log.add(ENTRY)

    assert await store.moderation_log.get("c-ann", "e-1") == ENTRY
    assert await store.moderation_log.newest("c-ann", 10) == [ENTRY]


@pytest.mark.parametrize("action", list(ModerationAction))
async def test_every_action_is_stored(store: Store, action: ModerationAction) -> None:
    done = replace(ENTRY, action=action, target="", target_id="", message_ids=())

    await store.moderation_log.add(done)

    assert await store.moderation_log.get("c-ann", "e-1") == done


async def test_an_entry_is_found_only_in_its_channel(store: Store) -> None:
    await store.moderation_log.add(ENTRY)

    for look_up in (store.moderation_log.get("c-bob", "e-1"), store.moderation_log.get("c-ann", "e-2")):
        with pytest.raises(NotFoundError):
            await look_up


async def test_entries_are_ordered_newest_first(store: Store) -> None:
    for number in (3, 1, 5, 2, 4):
        await store.moderation_log.add(entry(number))
    await store.moderation_log.add(replace(entry(6), channel_id="c-bob"))

    assert await store.moderation_log.newest("c-ann", 2) == [entry(5), entry(4)]
    assert await store.moderation_log.newest("c-ann", 10) == [entry(number) for number in (5, 4, 3, 2, 1)]
    assert await store.moderation_log.newest("c-ann", 0) == []


@pytest.mark.parametrize("state", list(EntryState))
async def test_the_state_of_an_entry_is_stored(store: Store, state: EntryState) -> None:
    undone_at = NOW if state is EntryState.UNDONE else None
    await store.moderation_log.add(replace(ENTRY, state=state, undone_at=undone_at))

    assert (await store.moderation_log.get("c-ann", "e-1")).state is state


async def test_a_pending_entry_is_found_until_it_is_done(store: Store) -> None:
    pending = [replace(entry(number), state=EntryState.PENDING) for number in range(3)]
    for one in (*pending, replace(ENTRY, entry_id="e-done"), replace(pending[0], entry_id="e-bob", channel_id="c-bob")):
        await store.moderation_log.add(one)
    assert await store.moderation_log.pending("c-ann") == pending[::-1]

    assert await store.moderation_log.set_done("c-ann", "e-0", NOW + MILLISECOND)
    assert not await store.moderation_log.set_done("c-ann", "e-0", NOW)
    assert not await store.moderation_log.set_done("c-bob", "e-1", NOW)

    assert await store.moderation_log.pending("c-ann") == [pending[2], pending[1]]
    done = replace(pending[0], at=NOW + MILLISECOND, state=EntryState.DONE)
    assert await store.moderation_log.get("c-ann", "e-0") == done


async def test_only_a_pending_entry_can_be_withdrawn(store: Store) -> None:
    pending = replace(entry(2), state=EntryState.PENDING)
    for one in (ENTRY, pending):
        await store.moderation_log.add(one)

    await store.moderation_log.withdraw("c-bob", "e-2")
    assert await store.moderation_log.newest("c-ann", 10) == [pending, ENTRY]
    for entry_id in ("e-1", "e-2", "e-3"):
        await store.moderation_log.withdraw("c-ann", entry_id)

    assert await store.moderation_log.newest("c-ann", 10) == [ENTRY]


async def test_an_entry_is_marked_as_undoing_until_it_is_undone(store: Store) -> None:
    await store.moderation_log.add(ENTRY)

    for _ in range(2):
        assert await store.moderation_log.set_undoing("c-ann", "e-1")
    assert (await store.moderation_log.get("c-ann", "e-1")).state is EntryState.UNDOING
    assert not await store.moderation_log.set_undoing("c-bob", "e-1")

    assert await store.moderation_log.set_undone("c-ann", "e-1", NOW, "Bob")
    assert not await store.moderation_log.set_undoing("c-ann", "e-1")


async def test_an_undone_entry_has_time_and_user(store: Store) -> None:
    await store.moderation_log.add(ENTRY)

    assert await store.moderation_log.set_undone("c-ann", "e-1", NOW + MILLISECOND, "Bob")
    assert not await store.moderation_log.set_undone("c-ann", "e-1", NOW, "Eve")

    undone = replace(ENTRY, undone_at=NOW + MILLISECOND, undone_by="Bob", state=EntryState.UNDONE)
    assert await store.moderation_log.get("c-ann", "e-1") == undone


async def test_an_entry_that_is_not_in_the_log_of_the_channel_cannot_be_undone(store: Store) -> None:
    await store.moderation_log.add(ENTRY)

    assert not await store.moderation_log.set_undone("c-bob", "e-1", NOW, "Bob")
    assert not await store.moderation_log.set_undone("c-ann", "e-2", NOW, "Bob")

    assert await store.moderation_log.get("c-ann", "e-1") == ENTRY


async def test_one_of_twenty_concurrent_undos_of_an_entry_succeeds(store: Store) -> None:
    await store.moderation_log.add(ENTRY)

    answers = await asyncio.gather(
        *(store.moderation_log.set_undone("c-ann", "e-1", NOW, f"mod{number}") for number in range(20))
    )

    assert answers.count(True) == 1
    assert (await store.moderation_log.get("c-ann", "e-1")).undone_by == f"mod{answers.index(True)}"
