"""Passkeys, with the same behaviour in both stores."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from streaming_app.backend.accounts.passkeys import Passkey
from streaming_app.backend.adapters.store import Store
from streaming_app.backend.errors import ConflictError, NotFoundError
from tests.contract.stores.samples import NOW

PHONE = Passkey("key-1", "u-ann", "phone", b"\x00public\xff", 5, NOW)
LAPTOP = Passkey("key-2", "u-ann", "laptop", b"public", 0, NOW + timedelta(hours=1), NOW + timedelta(hours=2))
BOBS = replace(PHONE, passkey_id="key-3", user_id="u-bob")
LATER = NOW + timedelta(days=1)


async def test_a_passkey_is_read_as_it_was_stored(store: Store) -> None:
    for passkey in (PHONE, LAPTOP):
        await store.passkeys.add(passkey)

        assert await store.passkeys.get(passkey.passkey_id) == passkey


async def test_an_unknown_passkey_is_not_found(store: Store) -> None:
    await store.passkeys.add(PHONE)

    assert not await store.passkeys.record_use("key-2", 1, LATER)
    with pytest.raises(NotFoundError):
        await store.passkeys.get("key-2")


async def test_a_passkey_with_the_id_of_another_one_is_refused(store: Store) -> None:
    await store.passkeys.add(PHONE)

    with pytest.raises(ConflictError):
        await store.passkeys.add(replace(BOBS, passkey_id="key-1"))

    assert await store.passkeys.get("key-1") == PHONE


async def test_the_passkeys_of_a_user_are_listed_newest_first(store: Store) -> None:
    for passkey in (PHONE, BOBS, LAPTOP):
        await store.passkeys.add(passkey)

    assert await store.passkeys.list_by_user("u-ann") == [LAPTOP, PHONE]
    assert await store.passkeys.list_by_user("u-eve") == []


@pytest.mark.parametrize(
    ("stored", "count", "is_accepted"), [(5, 6, True), (5, 5, False), (5, 4, False), (5, 0, False)]
)
async def test_a_use_is_recorded_only_with_a_higher_sign_count(
    store: Store, stored: int, count: int, *, is_accepted: bool
) -> None:
    passkey = replace(PHONE, sign_count=stored)
    await store.passkeys.add(passkey)

    assert await store.passkeys.record_use("key-1", count, LATER) is is_accepted

    expected = replace(passkey, sign_count=count, used_at=LATER) if is_accepted else passkey
    assert await store.passkeys.get("key-1") == expected


async def test_a_passkey_that_does_not_count_is_used_again_and_again(store: Store) -> None:
    await store.passkeys.add(LAPTOP)

    assert await store.passkeys.record_use("key-2", 0, LATER)
    assert await store.passkeys.record_use("key-2", 0, LATER)


async def test_one_of_several_simultaneous_uses_with_the_same_count_is_recorded(store: Store) -> None:
    await store.passkeys.add(PHONE)

    recorded = await asyncio.gather(*(store.passkeys.record_use("key-1", 6, LATER) for _ in range(8)))

    assert sum(recorded) == 1


async def test_all_passkeys_of_a_user_are_removed(store: Store) -> None:
    for passkey in (PHONE, LAPTOP, BOBS):
        await store.passkeys.add(passkey)

    await store.passkeys.remove_all_of("u-ann")

    assert await store.passkeys.list_by_user("u-ann") == []
    assert await store.passkeys.list_by_user("u-bob") == [BOBS]
