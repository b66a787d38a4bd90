"""Emotes, with the same behaviour in both stores."""

import asyncio
from dataclasses import replace

import pytest

from streaming_app.backend.adapters.store import Store
from streaming_app.backend.errors import NotFoundError, TakenError
from tests.contract.stores.samples import EMOTE

PICTURE = bytes(range(256)) * 1024


async def test_an_emote_is_read_as_it_was_stored(store: Store) -> None:
    await store.emotes.add(EMOTE, PICTURE)

    assert await store.emotes.of("c-ann") == [EMOTE]
    assert await store.emotes.picture("c-ann", "o-1") == ("image/webp", PICTURE)


async def test_emotes_are_listed_by_channel_and_ordered_by_name(store: Store) -> None:
    emotes = [replace(EMOTE, emote_id=f"o-{name}", name=name) for name in ("alpha", "Beta", "gamma")]
    for number in (2, 0, 1):
        await store.emotes.add(emotes[number], PICTURE)
    await store.emotes.add(replace(EMOTE, channel_id="c-bob"), PICTURE)

    assert await store.emotes.of("c-ann") == emotes
    assert await store.emotes.of("c-nobody") == []


async def test_names_are_unique_ignoring_case(store: Store) -> None:
    await store.emotes.add(EMOTE, PICTURE)

    with pytest.raises(TakenError) as refused:
        await store.emotes.add(replace(EMOTE, emote_id="o-2", name="hYPE"), PICTURE)

    assert refused.value.field == "name"
    assert await store.emotes.of("c-ann") == [EMOTE]


async def test_one_of_twenty_concurrent_emotes_with_the_same_name_is_added(store: Store) -> None:
    rivals = [replace(EMOTE, emote_id=f"o-{number}") for number in range(20)]

    answers = await asyncio.gather(*(store.emotes.add(rival, PICTURE) for rival in rivals), return_exceptions=True)

    assert answers.count(None) == 1
    assert sum(isinstance(answer, TakenError) for answer in answers) == 19
    assert await store.emotes.of("c-ann") == [rivals[answers.index(None)]]


async def test_a_picture_is_found_only_in_its_channel(store: Store) -> None:
    await store.emotes.add(EMOTE, PICTURE)

    for look_up in (store.emotes.picture("c-bob", "o-1"), store.emotes.picture("c-ann", "o-2")):
        with pytest.raises(NotFoundError):
            await look_up


async def test_a_removed_emote_is_not_found_and_its_name_can_be_used_again(store: Store) -> None:
    await store.emotes.add(EMOTE, PICTURE)

    assert not await store.emotes.remove("c-bob", "o-1")
    assert await store.emotes.of("c-ann") == [EMOTE]
    assert await store.emotes.remove("c-ann", "o-1")
    assert not await store.emotes.remove("c-ann", "o-1")

    assert await store.emotes.of("c-ann") == []
    with pytest.raises(NotFoundError):
        await store.emotes.picture("c-ann", "o-1")
    await store.emotes.add(replace(EMOTE, emote_id="o-2", name="HYPE"), PICTURE)
