"""Both stores archive chat alike: once, whole, and in the order of positions."""

import asyncio
from dataclasses import replace

from streaming_app.backend.bus import position_of
from tests.contract.stores.samples import MESSAGE, NOW, Store, message


async def test_a_message_comes_back_as_it_was_put_in(store: Store) -> None:
    await store.chat_archive.add([MESSAGE])

    assert await store.chat_archive.recent("c-ann", 10) == [MESSAGE]


async def test_text_comes_back_to_the_letter(store: Store) -> None:
    spoken = replace(
        MESSAGE, text='Привет 👩\u200d🚀 "quoted" \'); DROP TABLE chat_messages; -- $set\n\u0301e\u0301 <b>'
    )

    await store.chat_archive.add([spoken])

    assert await store.chat_archive.recent("c-ann", 10) == [spoken]


async def test_adding_no_messages_is_fine(store: Store) -> None:
    await store.chat_archive.add([])

    assert await store.chat_archive.recent("c-ann", 10) == []


async def test_a_message_that_is_kept_already_stays_as_it_is(store: Store) -> None:
    await store.chat_archive.add([MESSAGE])

    await store.chat_archive.add([replace(MESSAGE, text="changed", position=9)])

    assert await store.chat_archive.recent("c-ann", 10) == [MESSAGE]


async def test_a_batch_that_comes_again_with_news_adds_only_the_news(store: Store) -> None:
    await store.chat_archive.add([message(1), message(2)])

    await store.chat_archive.add([message(1), message(2), message(3), message(3)])

    assert await store.chat_archive.recent("c-ann", 10) == [message(1), message(2), message(3)]


async def test_one_batch_archived_by_two_at_once_is_kept_once(store: Store) -> None:
    batch = [message(number) for number in range(1, 51)]

    await asyncio.gather(store.chat_archive.add(batch), store.chat_archive.add(batch))

    assert await store.chat_archive.recent("c-ann", 100) == batch


async def test_the_newest_messages_come_oldest_first(store: Store) -> None:
    await store.chat_archive.add([message(number) for number in (3, 1, 5, 2, 4)])

    assert await store.chat_archive.recent("c-ann", 3) == [message(3), message(4), message(5)]


async def test_order_is_of_positions_and_not_of_clocks(store: Store) -> None:
    first, second = message(1, sent_at=NOW), message(2, sent_at=NOW.replace(year=2020))

    await store.chat_archive.add([second, first])

    assert await store.chat_archive.recent("c-ann", 10) == [first, second]


async def test_channels_have_archives_of_their_own(store: Store) -> None:
    await store.chat_archive.add([message(1), message(2, channel_id="c-bob"), message(3)])

    assert await store.chat_archive.recent("c-ann", 10) == [message(1), message(3)]
    assert await store.chat_archive.after("c-bob", 0, 10) == [message(2, channel_id="c-bob")]
    assert await store.chat_archive.recent("c-nobody", 10) == []


async def test_after_a_position_come_the_next_messages_oldest_first(store: Store) -> None:
    await store.chat_archive.add([message(number) for number in range(1, 8)])

    assert await store.chat_archive.after("c-ann", 2, 3) == [message(3), message(4), message(5)]
    assert await store.chat_archive.after("c-ann", 7, 3) == []
    assert await store.chat_archive.after("c-ann", 0, 100) == await store.chat_archive.recent("c-ann", 100)


async def test_paging_by_position_meets_every_message_once(store: Store) -> None:
    await store.chat_archive.add([message(number * 10) for number in range(1, 251)])

    seen: list[int] = []
    while page := await store.chat_archive.after("c-ann", seen[-1] if seen else 0, 40):
        seen += [m.position for m in page]

    assert seen == [number * 10 for number in range(1, 251)]


async def test_positions_have_63_bits(store: Store) -> None:
    near, far = position_of(NOW, 0), 2**63 - 1
    await store.chat_archive.add([message(1, position=near), message(2, position=near + 1), message(3, position=far)])

    positions = [m.position for m in await store.chat_archive.after("c-ann", near, 10)]

    assert positions == [near + 1, far]
    assert [type(position) for position in positions] == [int, int]
    assert await store.chat_archive.after("c-ann", far, 10) == []


async def test_asking_for_no_messages_gets_none(store: Store) -> None:
    await store.chat_archive.add([MESSAGE])

    assert await store.chat_archive.recent("c-ann", 0) == []
    assert await store.chat_archive.after("c-ann", 0, 0) == []
