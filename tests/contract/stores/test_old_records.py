"""The deletion of old records, with the same behaviour in both stores."""

from dataclasses import replace
from datetime import timedelta

from streaming_app.backend.adapters.store import Store
from tests.contract.stores.samples import ENTRY, HELD, MILLISECOND, NOW, message
from tests.rig.full_account import START, fill_account
from tests.rig.stored_values import rows_of

YEARS = timedelta(days=3_650)
ALL = 1_000
EXPIRING = {
    *("sessions", "tickets", "mail_links", "invitations", "provider_sign_ins", "pending_identities", "audit_log"),
    "chat_turns",
}
CHAT = {"chat_messages", "chat_deletions", "moderation_log", "held_messages"}


async def test_nothing_is_deleted_before_its_time(store: Store) -> None:
    await fill_account(store)
    before = await rows_of(store)

    assert await store.old_records.remove_expired(START, ALL) == 0
    assert await store.old_records.remove_chat(START, ALL) == 0

    assert await rows_of(store) == before


async def test_expired_records_are_deleted_and_nothing_else(store: Store) -> None:
    await fill_account(store)
    before = await rows_of(store)

    assert await store.old_records.remove_expired(START + YEARS, ALL) > 0

    after = await rows_of(store)
    assert {table for table in before if after[table] != before[table]} == EXPIRING
    assert not any(after[table] for table in EXPIRING)
    assert await store.old_records.remove_expired(START + YEARS, ALL) == 0


async def test_old_chat_is_deleted_and_nothing_else(store: Store) -> None:
    await fill_account(store)
    before = await rows_of(store)

    assert await store.old_records.remove_chat(START + YEARS, ALL) > 0

    after = await rows_of(store)
    assert {table for table in before if after[table] != before[table]} == CHAT & before.keys()
    assert not any(after[table] for table in CHAT & before.keys())
    assert await store.old_records.remove_chat(START + YEARS, ALL) == 0


async def test_chat_is_deleted_in_parts_up_to_a_time(store: Store) -> None:
    await store.chat_archive.add([message(number) for number in range(1, 6)])
    await store.chat_archive.delete("c-ann", "e-1", ["m-1"])

    counts = [await store.old_records.remove_chat(NOW + 4 * MILLISECOND, 2) for _ in range(3)]

    assert counts[1] == 1
    assert counts[2] == 0
    assert await store.chat_archive.recent("c-ann", 10) == [message(4), message(5)]


async def test_newer_entries_and_held_messages_stay(store: Store) -> None:
    newer_entry = replace(ENTRY, entry_id="e-2", at=NOW + MILLISECOND)
    newer_held = replace(HELD, message_id="m-2", held_at=NOW + MILLISECOND)
    for entry in (ENTRY, newer_entry):
        await store.moderation_log.add(entry)
    for held in (HELD, newer_held):
        await store.held_messages.add(held)

    await store.old_records.remove_chat(NOW + MILLISECOND, ALL)

    assert await store.moderation_log.newest("c-ann", 10) == [newer_entry]
    assert await store.held_messages.waiting("c-ann", 10) == [newer_held]


async def test_a_message_that_the_bus_delivers_again_is_deleted_again(store: Store) -> None:
    await store.chat_archive.add([message(1)])
    await store.old_records.remove_chat(NOW + YEARS, ALL)

    await store.chat_archive.add([message(1)])
    await store.old_records.remove_chat(NOW + YEARS, ALL)

    assert await store.chat_archive.recent("c-ann", 10) == []
