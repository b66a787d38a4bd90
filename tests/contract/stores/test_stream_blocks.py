"""Blocked channels, with the same behaviour in both stores."""

from dataclasses import replace
from datetime import timedelta

from streaming_app.backend.adapters.store import Store
from streaming_app.backend.streams.stream_blocks import StreamBlock
from tests.contract.stores.samples import NOW

BLOCK = StreamBlock("c-ann", NOW, NOW + timedelta(hours=1), "spam", "root")


async def test_a_block_is_read_as_it_was_stored_until_it_is_removed(store: Store) -> None:
    await store.stream_blocks.put(BLOCK)
    assert await store.stream_blocks.of("c-ann") == [BLOCK]
    assert await store.stream_blocks.of("c-bob") == []

    await store.stream_blocks.remove("c-ann")
    await store.stream_blocks.remove("c-ann")

    assert await store.stream_blocks.of("c-ann") == []


async def test_a_new_block_replaces_the_earlier_one(store: Store) -> None:
    endless = replace(BLOCK, until=None, reason="again")
    await store.stream_blocks.put(BLOCK)
    await store.stream_blocks.put(endless)

    assert await store.stream_blocks.newest(9) == [endless]


async def test_blocks_are_listed_newest_first(store: Store) -> None:
    newer = replace(BLOCK, channel_id="c-bob", since=NOW + timedelta(minutes=1))
    for block in (BLOCK, newer):
        await store.stream_blocks.put(block)

    assert await store.stream_blocks.newest(9) == [newer, BLOCK]
    assert await store.stream_blocks.newest(1) == [newer]
