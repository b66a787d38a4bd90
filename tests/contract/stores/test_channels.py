"""Channels, with the same behaviour in both stores."""

import asyncio
from dataclasses import replace

import pytest

from streaming_app.backend.errors import NotFoundError, TakenError
from streaming_app.backend.streams.model import Latency
from tests.contract.stores.samples import CHANNEL, channel
from tests.rig.stores import Store


async def test_a_channel_comes_back_as_it_was_put_in(store: Store) -> None:
    await store.channels.add(CHANNEL)

    assert await store.channels.get("c-ann") == CHANNEL


async def test_a_channel_is_found_by_owner_by_slug_and_by_key(store: Store) -> None:
    await store.channels.add(CHANNEL)
    await store.channels.add(channel("bob"))

    assert await store.channels.get_by_owner("u-ann") == CHANNEL
    assert await store.channels.get_by_slug("ann") == CHANNEL
    assert await store.channels.get_by_slug("ANN") == CHANNEL
    assert await store.channels.get_by_key_hash("k-ann") == CHANNEL


async def test_unknown_channels_are_not_found(store: Store) -> None:
    await store.channels.add(CHANNEL)

    for look_up in (
        store.channels.get("u-ann"),
        store.channels.get_by_owner("c-ann"),
        store.channels.get_by_slug("an"),
        store.channels.get_by_slug("\ud800"),
        store.channels.get_by_key_hash("K-ANN"),
        store.channels.update("c-nobody", title="title", category=""),
        store.channels.update("c-nobody", key_hash="hash", key_sealed=b"sealed"),
        store.channels.update("c-nobody", latency=Latency.LOW),
        store.channels.update("c-nobody", records=True),
    ):
        with pytest.raises(NotFoundError):
            await look_up


async def test_of_many_channels_those_that_exist_come_back(store: Store) -> None:
    for name in ("ann", "bob", "eve"):
        await store.channels.add(channel(name))

    found = await store.channels.get_many(["c-ann", "c-eve", "c-nobody", "c-ann"])

    assert sorted(c.channel_id for c in found) == ["c-ann", "c-eve"]
    assert await store.channels.get_many([]) == []


async def test_more_channels_than_a_statement_has_parameters_can_be_asked_for(store: Store) -> None:
    await store.channels.add(CHANNEL)

    assert await store.channels.get_many([f"c-{n}" for n in range(40_000)] + ["c-ann"]) == [CHANNEL]


async def test_a_slug_is_taken_in_any_case(store: Store) -> None:
    await store.channels.add(CHANNEL)

    with pytest.raises(TakenError) as refused:
        await store.channels.add(channel("bob", slug="ANN"))

    assert refused.value.field == "slug"
    assert refused.value.public_message == "This username is taken. Choose another."


async def test_an_owner_has_one_channel(store: Store) -> None:
    await store.channels.add(CHANNEL)

    with pytest.raises(TakenError) as refused:
        await store.channels.add(channel("bob", owner_id="u-ann"))

    assert refused.value.field == "owner"


async def test_of_twenty_channels_made_for_one_owner_at_once_one_stands(store: Store) -> None:
    rivals = [replace(CHANNEL, channel_id=f"c-{n}", key_hash=f"k-{n}") for n in range(20)]

    answers = await asyncio.gather(*(store.channels.add(rival) for rival in rivals), return_exceptions=True)

    assert answers.count(None) == 1
    assert sum(isinstance(a, TakenError) for a in answers) == 19
    assert await store.channels.get_by_owner("u-ann") == rivals[answers.index(None)]


async def test_a_channel_gets_new_words_in_any_script(store: Store) -> None:
    await store.channels.add(CHANNEL)

    await store.channels.update("c-ann", title='Рисую 🐈 — it\'s 100 % "live"', category="")

    assert await store.channels.get("c-ann") == replace(CHANNEL, title='Рисую 🐈 — it\'s 100 % "live"', category="")


async def test_setting_the_same_words_again_is_fine(store: Store) -> None:
    await store.channels.add(CHANNEL)

    await store.channels.update("c-ann", title=CHANNEL.title, category=CHANNEL.category)

    assert await store.channels.get("c-ann") == CHANNEL


@pytest.mark.parametrize("latency", list(Latency))
async def test_a_channel_keeps_the_delay_that_it_was_given(store: Store, latency: Latency) -> None:
    await store.channels.add(CHANNEL)
    await store.channels.add(channel("bob", latency=latency))

    await store.channels.update("c-ann", latency=latency)

    assert await store.channels.get("c-ann") == replace(CHANNEL, latency=latency)
    assert (await store.channels.get("c-bob")).latency is latency


async def test_a_channel_records_or_does_not(store: Store) -> None:
    await store.channels.add(CHANNEL)
    await store.channels.add(channel("bob", records=True))

    await store.channels.update("c-ann", records=True)
    await store.channels.update("c-bob", records=False)

    assert await store.channels.get("c-ann") == replace(CHANNEL, records=True)
    assert await store.channels.get("c-bob") == channel("bob")


async def test_a_rotated_key_opens_and_the_old_one_does_not(store: Store) -> None:
    await store.channels.add(CHANNEL)

    await store.channels.update("c-ann", key_hash="k-new", key_sealed=bytes(range(256)))

    assert await store.channels.get_by_key_hash("k-new") == replace(
        CHANNEL, key_hash="k-new", key_sealed=bytes(range(256))
    )
    with pytest.raises(NotFoundError):
        await store.channels.get_by_key_hash("k-ann")
