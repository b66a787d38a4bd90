"""The audit log, with the same behaviour in both stores."""

from dataclasses import replace
from datetime import timedelta

import pytest

from streaming_app.backend.accounts.audit_log import AuditAction, AuditEntry
from streaming_app.backend.accounts.time_ordered_ids import time_ordered_id
from streaming_app.backend.adapters.store import Store
from tests.contract.stores.samples import NOW

ENTRY = AuditEntry(
    time_ordered_id(NOW),
    NOW,
    NOW + timedelta(days=180),
    AuditAction.SUSPENDED,
    "Ann",
    "u-ann",
    "Troll",
    "u-troll",
    "192.0.2.1",
    "spam “and” more",
)


def entry(minutes: int, action: str = AuditAction.SIGNED_IN, actor: str = "Bob", target: str = "") -> AuditEntry:
    at = NOW + timedelta(minutes=minutes)
    return replace(ENTRY, entry_id=time_ordered_id(at), at=at, action=action, actor=actor, target=target)


async def test_an_entry_is_read_as_it_was_stored(store: Store) -> None:
    await store.audit_log.add(ENTRY)

    assert await store.audit_log.newest(10) == [ENTRY]


async def test_entries_are_read_in_pages_newest_first(store: Store) -> None:
    entries = [entry(minutes) for minutes in range(5)]
    for each in (entries[3], entries[0], entries[4], entries[1], entries[2]):
        await store.audit_log.add(each)

    first = await store.audit_log.newest(2)
    second = await store.audit_log.newest(2, before=first[-1].entry_id)

    assert first + second == [entries[4], entries[3], entries[2], entries[1]]


async def test_entries_are_found_by_actor_or_target_in_any_case(store: Store) -> None:
    by_ann, about_ann, others = entry(0, actor="Ann"), entry(1, target="ANN"), entry(2, target="Anna")
    for each in (by_ann, about_ann, others):
        await store.audit_log.add(each)

    assert await store.audit_log.newest(10, name="ann") == [about_ann, by_ann]
    assert await store.audit_log.newest(10, name="ann", before=about_ann.entry_id) == [by_ann]
    assert await store.audit_log.newest(10, name="nobody") == []


async def test_entries_are_found_by_action(store: Store) -> None:
    role, sign_in = entry(0, AuditAction.ROLE_CHANGED), entry(1)
    for each in (role, sign_in):
        await store.audit_log.add(each)

    assert await store.audit_log.newest(10, action=AuditAction.ROLE_CHANGED) == [role]
    assert await store.audit_log.newest(10, action=AuditAction.ROLE_CHANGED, name="carol") == []


@pytest.mark.parametrize("store_address", ["sqlite-file", "sqlite-memory"], indirect=True)
async def test_a_new_entry_deletes_expired_ones(store: Store) -> None:
    """In MongoDB a TTL index does this, which the server for tests lacks."""
    late = replace(ENTRY, entry_id=time_ordered_id(ENTRY.expires_at), at=ENTRY.expires_at)
    await store.audit_log.add(ENTRY)
    await store.audit_log.add(late)

    assert await store.audit_log.newest(10) == [late]
