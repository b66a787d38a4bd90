"""Emotes, with the same behaviour in both stores."""

import asyncio
from dataclasses import replace

import pytest

from streaming_app.backend.errors import NotFoundError, TakenError
from tests.contract.stores.samples import EMOTE
from tests.rig.stores import Store

PICTURE = bytes(range(256)) * 1024


async def test_an_emote_comes_back_as_it_was_put_in(store: Store) -> None:
    await store.emotes.add(EMOTE, PICTURE)

    assert await store.emotes.of("c-ann") == [EMOTE]
    assert await store.emotes.picture("c-ann", "o-1") == ("image/webp", PICTURE)


async def test_emotes_come_by_name_and_by_channel(store: Store) -> None:
    emotes = [replace(EMOTE, emote_id=f"o-{name}", name=name) for name in ("alpha", "Beta", "gamma")]
    for number in (2, 0, 1):
        await store.emotes.add(emotes[number], PICTURE)
    await store.emotes.add(replace(EMOTE, channel_id="c-bob"), PICTURE)

    assert await store.emotes.of("c-ann") == emotes
    assert await store.emotes.of("c-nobody") == []


async def test_a_name_is_taken_in_any_case(store: Store) -> None:
    await store.emotes.add(EMOTE, PICTURE)

    with pytest.raises(TakenError) as refused:
        await store.emotes.add(replace(EMOTE, emote_id="o-2", name="hYPE"), PICTURE)

    assert refused.value.field == "name"
    assert await store.emotes.of("c-ann") == [EMOTE]


async def test_of_twenty_concurrent_emotes_with_one_name_one_is_added(store: Store) -> None:
    rivals = [replace(EMOTE, emote_id=f"o-{number}") for number in range(20)]

    answers = await asyncio.gather(*(store.emotes.add(rival, PICTURE) for rival in rivals), return_exceptions=True)

    assert answers.count(None) == 1
    assert sum(isinstance(answer, TakenError) for answer in answers) == 19
    assert await store.emotes.of("c-ann") == [rivals[answers.index(None)]]


async def test_a_picture_is_found_in_its_channel_alone(store: Store) -> None:
    await store.emotes.add(EMOTE, PICTURE)

    for look_up in (store.emotes.picture("c-bob", "o-1"), store.emotes.picture("c-ann", "o-2")):
        with pytest.raises(NotFoundError):
            await look_up


async def test_a_removed_emote_is_gone_and_its_name_free(store: Store) -> None:
    await store.emotes.add(EMOTE, PICTURE)

    assert await store.emotes.remove("c-bob", "o-1") is None
    assert await store.emotes.of("c-ann") == [EMOTE]
    assert await store.emotes.remove("c-ann", "o-1") == EMOTE
    assert await store.emotes.remove("c-ann", "o-1") is None

    assert await store.emotes.of("c-ann") == []
    with pytest.raises(NotFoundError):
        await store.emotes.picture("c-ann", "o-1")
    await store.emotes.add(replace(EMOTE, emote_id="o-2", name="HYPE"), PICTURE)
