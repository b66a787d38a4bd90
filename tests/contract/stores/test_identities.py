"""Linked identities and the short-lived records of sign-ins with providers, with the same behaviour in both stores."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from streaming_app.backend.accounts.providers.model import Identity, PendingIdentity, SignInAttempt
from streaming_app.backend.adapters.store import Store
from streaming_app.backend.errors import ConflictError, NotFoundError
from tests.contract.stores.samples import MILLISECOND, NOW

IDENTITY = Identity("google", "g-1", "u-ann", "ann@example.com", NOW)
ATTEMPT = SignInAttempt("s-1", "b-1", "google", "nonce", "verifier", "/c/ann", "", NOW + timedelta(minutes=10), "u-ann")
PENDING = PendingIdentity(
    "p-1",
    provider="google",
    subject="g-1",
    label="ann@example.com",
    email="ann@example.com",
    email_verified=True,
    user_id="u-new",
    link_to="u-ann",
    next_path="/",
    expires_at=NOW + timedelta(minutes=30),
)


async def test_an_identity_is_read_as_it_was_stored(store: Store) -> None:
    await store.identities.add(IDENTITY)

    assert await store.identities.get("google", "g-1") == IDENTITY


async def test_an_unknown_identity_is_not_found(store: Store) -> None:
    await store.identities.add(IDENTITY)

    for provider, subject in (("google", "g-2"), ("vk", "g-1"), ("google", "G-1")):
        with pytest.raises(NotFoundError):
            await store.identities.get(provider, subject)


async def test_the_same_identity_can_be_added_again(store: Store) -> None:
    await store.identities.add(IDENTITY)
    await store.identities.add(replace(IDENTITY, label="another@example.com"))

    assert await store.identities.list_by_user("u-ann") == [IDENTITY]


async def test_an_identity_belongs_to_one_user(store: Store) -> None:
    await store.identities.add(IDENTITY)

    with pytest.raises(ConflictError):
        await store.identities.add(replace(IDENTITY, user_id="u-bob"))

    assert (await store.identities.get("google", "g-1")).user_id == "u-ann"


async def test_a_user_has_one_identity_of_each_provider(store: Store) -> None:
    await store.identities.add(IDENTITY)
    await store.identities.add(replace(IDENTITY, provider="vk"))

    with pytest.raises(ConflictError):
        await store.identities.add(replace(IDENTITY, subject="g-2"))

    assert [each.provider for each in await store.identities.list_by_user("u-ann")] == ["google", "vk"]


async def test_one_of_ten_concurrent_users_gets_an_identity(store: Store) -> None:
    added = await asyncio.gather(
        *(store.identities.add(replace(IDENTITY, user_id=f"u-{number}")) for number in range(10)),
        return_exceptions=True,
    )

    assert added.count(None) == 1
    assert sum(isinstance(each, ConflictError) for each in added) == 9


async def test_a_removed_identity_can_be_linked_to_another_user(store: Store) -> None:
    await store.identities.add(IDENTITY)
    await store.identities.remove("u-bob", "google")
    await store.identities.remove("u-ann", "google")

    await store.identities.add(replace(IDENTITY, user_id="u-bob"))

    assert await store.identities.list_by_user("u-ann") == []


async def test_all_identities_of_a_user_are_removed(store: Store) -> None:
    other = replace(IDENTITY, user_id="u-bob", subject="g-2")
    for identity in (IDENTITY, replace(IDENTITY, provider="vk"), other):
        await store.identities.add(identity)

    await store.identities.remove_all_of("u-ann")

    assert await store.identities.list_by_user("u-ann") == []
    assert await store.identities.list_by_user("u-bob") == [other]


async def test_an_attempt_is_taken_once(store: Store) -> None:
    await store.sign_in_attempts.add(ATTEMPT, NOW)

    taken = await asyncio.gather(*(store.sign_in_attempts.take("s-1", NOW) for _ in range(10)), return_exceptions=True)

    assert [each for each in taken if isinstance(each, SignInAttempt)] == [ATTEMPT]
    assert sum(isinstance(each, NotFoundError) for each in taken) == 9


async def test_an_attempt_can_be_taken_until_it_expires(store: Store) -> None:
    await store.sign_in_attempts.add(ATTEMPT, NOW)

    with pytest.raises(NotFoundError):
        await store.sign_in_attempts.take("s-1", ATTEMPT.expires_at)

    assert await store.sign_in_attempts.take("s-1", ATTEMPT.expires_at - MILLISECOND) == ATTEMPT


async def test_adding_an_attempt_keeps_the_valid_ones(store: Store) -> None:
    await store.sign_in_attempts.add(ATTEMPT, NOW)
    later = ATTEMPT.expires_at - MILLISECOND

    await store.sign_in_attempts.add(replace(ATTEMPT, state_hash="s-2"), later)

    assert await store.sign_in_attempts.get("s-1", later) == ATTEMPT


async def test_a_pending_identity_is_read_until_it_is_taken(store: Store) -> None:
    await store.pending_identities.add(PENDING, NOW)

    assert await store.pending_identities.get("p-1", NOW) == PENDING
    assert await store.pending_identities.take("p-1", NOW) == PENDING
    with pytest.raises(NotFoundError):
        await store.pending_identities.get("p-1", NOW)
