"""API tokens, with the same behaviour in both stores."""

from datetime import timedelta

import pytest

from streaming_app.backend.accounts.model import ApiToken
from streaming_app.backend.errors import NotFoundError
from tests.contract.stores.samples import NOW
from tests.rig.stores import Store

TOKEN = ApiToken("k-1", "u-ann", "quiz bot", "hash-1", NOW)
NEWER = ApiToken("k-2", "u-ann", "timer", "hash-2", NOW + timedelta(hours=1))
OTHERS = ApiToken("k-3", "u-bob", "timer", "hash-3", NOW)


async def test_a_token_is_read_as_it_was_stored(store: Store) -> None:
    await store.api_tokens.add(OTHERS)
    await store.api_tokens.add(TOKEN)

    assert await store.api_tokens.get_by_hash("hash-1") == TOKEN


async def test_an_unknown_token_is_not_found(store: Store) -> None:
    await store.api_tokens.add(TOKEN)

    with pytest.raises(NotFoundError):
        await store.api_tokens.get_by_hash("hash-2")


async def test_tokens_of_a_user_are_listed_newest_first(store: Store) -> None:
    for token in (TOKEN, OTHERS, NEWER):
        await store.api_tokens.add(token)

    assert await store.api_tokens.list_by_user("u-ann") == [NEWER, TOKEN]
    assert await store.api_tokens.list_by_user("u-eve") == []


async def test_a_removed_token_is_not_found(store: Store) -> None:
    await store.api_tokens.add(TOKEN)
    await store.api_tokens.add(NEWER)

    await store.api_tokens.remove("u-ann", "k-1")
    await store.api_tokens.remove("u-ann", "k-1")

    assert await store.api_tokens.list_by_user("u-ann") == [NEWER]
    with pytest.raises(NotFoundError):
        await store.api_tokens.get_by_hash("hash-1")


async def test_a_user_cannot_remove_tokens_of_others(store: Store) -> None:
    await store.api_tokens.add(TOKEN)

    await store.api_tokens.remove("u-bob", "k-1")

    assert await store.api_tokens.list_by_user("u-ann") == [TOKEN]
