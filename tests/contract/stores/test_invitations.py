"""Invitations, with the same behaviour in both stores."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from streaming_app.backend.accounts.invitations import Invitation
from streaming_app.backend.adapters.store import Store
from tests.contract.stores.samples import NOW

INVITATION = Invitation("01", "hash-1", "the band", "root", NOW, NOW + timedelta(days=1), 3)


async def test_an_invitation_is_read_as_it_was_stored(store: Store) -> None:
    await store.invitations.add(INVITATION)

    assert await store.invitations.list_valid(NOW, 9) == [INVITATION]


async def test_valid_invitations_are_listed_newest_first(store: Store) -> None:
    newer = Invitation("02", "hash-2", "", "root", NOW, NOW + timedelta(days=2), 1)
    for each in (INVITATION, newer):
        await store.invitations.add(each)

    assert await store.invitations.list_valid(NOW, 9) == [newer, INVITATION]
    assert await store.invitations.list_valid(NOW, 1) == [newer]
    assert await store.invitations.list_valid(INVITATION.expires_at, 9) == [newer]


async def test_an_invitation_is_used_as_often_as_it_allows(store: Store) -> None:
    await store.invitations.add(INVITATION)

    users = [f"u-{number}" for number in range(8)]
    answers = await asyncio.gather(*(store.invitations.claim("hash-1", user, NOW) for user in users))

    assert sum(answers) == 3
    assert not await store.invitations.is_usable("hash-1", NOW)
    await store.invitations.release(users[answers.index(False)])
    assert not await store.invitations.is_usable("hash-1", NOW)
    await store.invitations.release(users[answers.index(True)])
    assert await store.invitations.is_usable("hash-1", NOW)
    assert await store.invitations.claim("hash-1", "u-9", NOW)
    assert [each.uses for each in await store.invitations.list_valid(NOW, 9)] == [3]


async def test_one_account_uses_an_invitation_once(store: Store) -> None:
    await store.invitations.add(replace(INVITATION, uses_max=1))

    assert await asyncio.gather(*(store.invitations.claim("hash-1", "u-ann", NOW) for _ in range(8))) == [True] * 8

    assert [each.uses for each in await store.invitations.list_valid(NOW, 9)] == [1]
    assert await store.invitations.is_usable("hash-1", NOW, "u-ann")
    assert not await store.invitations.is_usable("hash-1", NOW, "u-bob")
    assert not await store.invitations.claim("hash-1", "u-bob", NOW)


async def test_a_use_is_settled_or_released_once(store: Store) -> None:
    await store.invitations.add(INVITATION)
    for user, seconds in (("u-bob", 1), ("u-ann", 0), ("u-eve", 2)):
        assert await store.invitations.claim("hash-1", user, NOW + timedelta(seconds=seconds))

    assert await store.invitations.claims_before(NOW + timedelta(seconds=2)) == ["u-ann", "u-bob"]
    for _ in range(2):
        await store.invitations.settle("u-ann")
        await store.invitations.release("u-ann")
        await store.invitations.release("u-bob")

    assert await store.invitations.claims_before(NOW + timedelta(seconds=9)) == ["u-eve"]
    assert [each.uses for each in await store.invitations.list_valid(NOW, 9)] == [2]


async def test_expired_revoked_and_unknown_invitations_are_not_usable(store: Store) -> None:
    await store.invitations.add(INVITATION)

    for secret_hash, at in (("hash-1", INVITATION.expires_at), ("hash-2", NOW), ("", NOW)):
        assert not await store.invitations.is_usable(secret_hash, at)
        assert not await store.invitations.claim(secret_hash, "u-ann", at)
    assert await store.invitations.remove("01")
    assert not await store.invitations.remove("01")
    assert not await store.invitations.claim("hash-1", "u-ann", NOW)
