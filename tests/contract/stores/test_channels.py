"""Channels, with the same behaviour in both stores."""

import asyncio
from dataclasses import replace

import pytest

from streaming_app.backend.adapters.store import Store
from streaming_app.backend.errors import NotFoundError, TakenError
from streaming_app.backend.streams.model import Latency
from tests.contract.stores.samples import CHANNEL, channel


async def test_a_channel_is_read_as_it_was_stored(store: Store) -> None:
    await store.channels.add(CHANNEL)

    assert await store.channels.get("c-ann") == CHANNEL


async def test_a_channel_is_found_by_owner_slug_and_key(store: Store) -> None:
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


async def test_reading_many_channels_returns_those_that_exist(store: Store) -> None:
    for name in ("ann", "bob", "eve"):
        await store.channels.add(channel(name))

    found = await store.channels.get_many(["c-ann", "c-eve", "c-nobody", "c-ann"])

    assert sorted(c.channel_id for c in found) == ["c-ann", "c-eve"]
    assert await store.channels.get_many([]) == []


async def test_more_channels_than_the_parameter_limit_of_a_statement_can_be_read(store: Store) -> None:
    await store.channels.add(CHANNEL)

    assert await store.channels.get_many([f"c-{n}" for n in range(40_000)] + ["c-ann"]) == [CHANNEL]


async def test_slugs_are_unique_ignoring_case(store: Store) -> None:
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


async def test_one_of_twenty_concurrent_channels_of_an_owner_is_added(store: Store) -> None:
    rivals = [replace(CHANNEL, channel_id=f"c-{n}", key_hash=f"k-{n}") for n in range(20)]

    answers = await asyncio.gather(*(store.channels.add(rival) for rival in rivals), return_exceptions=True)

    assert answers.count(None) == 1
    assert sum(isinstance(a, TakenError) for a in answers) == 19
    assert await store.channels.get_by_owner("u-ann") == rivals[answers.index(None)]


async def test_title_and_category_can_be_changed_in_any_script(store: Store) -> None:
    await store.channels.add(CHANNEL)

    await store.channels.update("c-ann", title='Рисую 🐈 — it\'s 100 % "live"', category="")

    assert await store.channels.get("c-ann") == replace(CHANNEL, title='Рисую 🐈 — it\'s 100 % "live"', category="")


async def test_setting_the_same_title_again_succeeds(store: Store) -> None:
    await store.channels.add(CHANNEL)

    await store.channels.update("c-ann", title=CHANNEL.title, category=CHANNEL.category)

    assert await store.channels.get("c-ann") == CHANNEL


@pytest.mark.parametrize("latency", list(Latency))
async def test_the_delay_of_a_channel_is_stored(store: Store, latency: Latency) -> None:
    await store.channels.add(CHANNEL)
    await store.channels.add(channel("bob", latency=latency))

    await store.channels.update("c-ann", latency=latency)

    assert await store.channels.get("c-ann") == replace(CHANNEL, latency=latency)
    assert (await store.channels.get("c-bob")).latency is latency


async def test_recording_can_be_switched_on_and_off(store: Store) -> None:
    await store.channels.add(CHANNEL)
    await store.channels.add(channel("bob", records=True))

    await store.channels.update("c-ann", records=True)
    await store.channels.update("c-bob", records=False)

    assert await store.channels.get("c-ann") == replace(CHANNEL, records=True)
    assert await store.channels.get("c-bob") == channel("bob")


async def test_a_channel_is_found_by_its_new_key_and_not_by_the_old_one(store: Store) -> None:
    await store.channels.add(CHANNEL)

    await store.channels.update("c-ann", key_hash="k-new", key_sealed=bytes(range(256)))

    assert await store.channels.get_by_key_hash("k-new") == replace(
        CHANNEL, key_hash="k-new", key_sealed=bytes(range(256))
    )
    with pytest.raises(NotFoundError):
        await store.channels.get_by_key_hash("k-ann")


async def test_channels_are_listed_by_slug_in_pages(store: Store) -> None:
    for name in ("cleo", "ann", "bob"):
        await store.channels.add(channel(name))

    assert [each.slug for each in await store.channels.list_after("", 2)] == ["ann", "bob"]
    assert [each.slug for each in await store.channels.list_after("bob", 2)] == ["cleo"]
    assert await store.channels.list_after("cleo", 2) == []
    assert await store.channels.list_after("", 0) == []


async def test_title_and_category_are_replaced_only_if_nobody_changed_them(store: Store) -> None:
    await store.channels.add(CHANNEL)

    assert await store.channels.replace_title_and_category(CHANNEL, "mine", "Chess")
    assert not await store.channels.replace_title_and_category(CHANNEL, "late", "Go")
    assert not await store.channels.replace_title_and_category(channel("nobody"), "x", "")

    assert await store.channels.get(CHANNEL.channel_id) == replace(CHANNEL, title="mine", category="Chess")
