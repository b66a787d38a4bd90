"""The removal of ways to sign in, with the same behaviour in both stores."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from streaming_app.backend.accounts.passkeys import Passkey
from streaming_app.backend.accounts.providers.model import Identity
from streaming_app.backend.adapters.store import Store
from streaming_app.backend.errors import ForbiddenError
from tests.contract.stores.samples import ANN, NOW
from tests.rig.dying import DiedError, dying_after

USABLE = ("google", "vk")
NORA = replace(ANN, user_id="u-nora", username="Nora", email="nora@example.com", password_hash="")
GOOGLE = Identity("google", "g-1", "u-nora", "nora@example.com", NOW)
VK = Identity("vk", "v-1", "u-nora", "Nora", NOW)
PHONE = Passkey("key-1", "u-nora", "phone", b"public", 0, NOW)
LAPTOP = Passkey("key-2", "u-nora", "laptop", b"public", 0, NOW)
LATER = NOW + timedelta(minutes=5)


@pytest.fixture(autouse=True)
async def users(store: Store) -> None:
    """Ann has a password; Nora has none."""
    for user in (ANN, NORA):
        await store.users.add(user)


async def give(store: Store, *methods: Identity | Passkey) -> None:
    for each in methods:
        await (store.identities.add(each) if isinstance(each, Identity) else store.passkeys.add(each))


async def left(store: Store, user_id: str = "u-nora") -> list[str]:
    """Return the user's providers and passkeys."""
    identities = [each.provider for each in await store.identities.list_by_user(user_id)]
    return identities + [each.passkey_id for each in await store.passkeys.list_by_user(user_id)]


def unlink(store: Store, provider: str = "google", user_id: str = "u-nora") -> Coroutine[Any, Any, bool]:
    return store.sign_in_methods.remove_identity(user_id, provider, USABLE, NOW)


def remove_phone(store: Store, user_id: str = "u-nora") -> Coroutine[Any, Any, bool]:
    return store.sign_in_methods.remove_passkey(user_id, "key-1", USABLE, NOW)


@pytest.mark.parametrize("other", [VK, LAPTOP])
async def test_everything_can_be_removed_but_the_last_way_to_sign_in(store: Store, other: Identity | Passkey) -> None:
    await give(store, GOOGLE, PHONE, other)

    assert await unlink(store)
    assert await remove_phone(store)
    is_vk = isinstance(other, Identity)
    last = unlink(store, "vk") if is_vk else store.sign_in_methods.remove_passkey("u-nora", "key-2", USABLE, NOW)
    with pytest.raises(ForbiddenError, match="only way"):
        await last

    assert await left(store) == ["vk" if is_vk else "key-2"]


async def test_with_a_password_everything_else_can_be_removed(store: Store) -> None:
    await give(store, replace(GOOGLE, user_id="u-ann"), replace(PHONE, user_id="u-ann"))

    assert await unlink(store, user_id="u-ann")
    assert await remove_phone(store, user_id="u-ann")

    assert await left(store, "u-ann") == []


async def test_an_identity_of_a_provider_that_the_site_does_not_offer_is_no_way_to_sign_in(store: Store) -> None:
    await give(store, GOOGLE, replace(VK, provider="gone"))

    with pytest.raises(ForbiddenError):
        await unlink(store)

    assert await unlink(store, "gone")
    assert await left(store) == ["google"]


async def test_the_methods_of_others_are_not_removed_and_do_not_count(store: Store) -> None:
    await give(store, GOOGLE, PHONE, replace(LAPTOP, user_id="u-ann"), replace(VK, user_id="u-ann"))

    assert not await unlink(store, "vk")
    assert not await store.sign_in_methods.remove_passkey("u-nora", "key-2", USABLE, NOW)
    assert await unlink(store)
    assert not await unlink(store)
    with pytest.raises(ForbiddenError):
        await remove_phone(store)

    assert await left(store) == ["key-1"]
    assert await left(store, "u-ann") == ["vk", "key-2"]


async def test_simultaneous_removals_leave_one_way_to_sign_in(store: Store) -> None:
    for _ in range(20):
        await give(store, GOOGLE, VK, PHONE)

        answers = await asyncio.gather(
            unlink(store), unlink(store, "vk"), remove_phone(store), unlink(store), return_exceptions=True
        )

        remaining = await left(store)
        assert remaining != []
        assert all(isinstance(each, bool | ForbiddenError) for each in answers), answers
        assert sum(answer is True for answer in answers) == 3 - len(remaining)
        await store.identities.remove_all_of("u-nora")
        await store.passkeys.remove_all_of("u-nora")


async def interrupted_unlinks(store: Store) -> AsyncIterator[int]:
    """Unlink an account of a user with two ways to sign in, and die at each step of that. Yields the step."""
    for waits in count():
        await give(store, GOOGLE, PHONE)
        try:
            await dying_after(waits, unlink(store))
        except DiedError:
            yield waits
        else:
            return


async def test_a_removal_that_dies_at_any_step_leaves_a_way_to_sign_in_and_can_be_repeated(store: Store) -> None:
    async for _ in interrupted_unlinks(store):
        if await left(store) == ["google", "key-1"]:
            assert await store.identities.get("google", "g-1") == GOOGLE
            assert await unlink(store)
        with pytest.raises(ForbiddenError):
            await remove_phone(store)

        assert await left(store) == ["key-1"]
        await store.passkeys.remove_all_of("u-nora")


async def test_after_a_removal_that_died_the_other_way_can_be_removed_a_minute_later(store: Store) -> None:
    async for _ in interrupted_unlinks(store):
        if "google" in await left(store):
            assert await store.sign_in_methods.remove_passkey("u-nora", "key-1", USABLE, LATER)

        assert len(await left(store)) == 1
        await store.identities.remove_all_of("u-nora")
        await store.passkeys.remove_all_of("u-nora")
