"""API tokens, with the same behaviour in both stores."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from streaming_app.backend.accounts.model import ApiToken
from streaming_app.backend.adapters.store import Store
from streaming_app.backend.errors import NotFoundError
from tests.contract.stores.samples import NOW

TOKEN = ApiToken("k-1", "u-ann", "quiz bot", "hash-1", NOW, ("chat:write",), NOW + timedelta(days=30), NOW)
NEWER = ApiToken("k-2", "u-ann", "timer", "hash-2", NOW + timedelta(hours=1))
OTHERS = ApiToken("k-3", "u-bob", "timer", "hash-3", NOW)


async def test_a_token_is_read_as_it_was_stored(store: Store) -> None:
    await store.api_tokens.add(OTHERS, 10)
    await store.api_tokens.add(TOKEN, 10)

    assert await store.api_tokens.get_by_hash("hash-1") == TOKEN


async def test_an_unknown_token_is_not_found(store: Store) -> None:
    await store.api_tokens.add(TOKEN, 10)

    with pytest.raises(NotFoundError):
        await store.api_tokens.get_by_hash("hash-2")


async def test_tokens_of_a_user_are_listed_newest_first(store: Store) -> None:
    for token in (TOKEN, OTHERS, NEWER):
        await store.api_tokens.add(token, 10)

    assert await store.api_tokens.list_by_user("u-ann") == [NEWER, TOKEN]
    assert await store.api_tokens.list_by_user("u-eve") == []


async def test_a_removed_token_is_not_found(store: Store) -> None:
    await store.api_tokens.add(TOKEN, 10)
    await store.api_tokens.add(NEWER, 10)

    await store.api_tokens.remove("u-ann", "k-1")
    await store.api_tokens.remove("u-ann", "k-1")

    assert await store.api_tokens.list_by_user("u-ann") == [NEWER]
    with pytest.raises(NotFoundError):
        await store.api_tokens.get_by_hash("hash-1")


async def test_a_user_cannot_remove_tokens_of_others(store: Store) -> None:
    await store.api_tokens.add(TOKEN, 10)

    await store.api_tokens.remove("u-bob", "k-1")

    assert await store.api_tokens.list_by_user("u-ann") == [TOKEN]


async def test_the_last_use_of_a_token_is_stored(store: Store) -> None:
    await store.api_tokens.add(TOKEN, 10)
    await store.api_tokens.add(NEWER, 10)

    await store.api_tokens.set_used("k-1", NOW + timedelta(minutes=7))
    await store.api_tokens.set_used("k-nobody", NOW)

    assert await store.api_tokens.get_by_hash("hash-1") == replace(TOKEN, last_used_at=NOW + timedelta(minutes=7))
    assert (await store.api_tokens.get_by_hash("hash-2")).last_used_at is None


async def test_concurrent_creations_do_not_exceed_the_limit_of_a_user(store: Store) -> None:
    await store.api_tokens.add(OTHERS, 3)
    tokens = [ApiToken(f"t-{n}", "u-ann", "bot", f"hash-t-{n}", NOW) for n in range(12)]

    added = await asyncio.gather(*[store.api_tokens.add(token, 3) for token in tokens])

    assert sum(added) == 3
    assert len(await store.api_tokens.list_by_user("u-ann")) == 3


async def test_a_removed_token_makes_room_for_another(store: Store) -> None:
    assert await store.api_tokens.add(TOKEN, 1)
    assert not await store.api_tokens.add(NEWER, 1)

    await store.api_tokens.remove("u-ann", "k-1")

    assert await store.api_tokens.add(NEWER, 1)
