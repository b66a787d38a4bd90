"""Streams, with the same behaviour in both stores.

A channel has one open stream, and a change succeeds only in the state that it expects.
"""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from streaming_app.backend.adapters.store import Store
from streaming_app.backend.errors import ConflictError, NotFoundError
from streaming_app.backend.streams.model import Publisher, Stream
from tests.contract.stores.samples import CHANNEL, MILLISECOND, NOW, OBS, OBS_BACK_AGAIN, STREAM, channel

LATER = NOW + timedelta(seconds=5)
MUCH_LATER = NOW + timedelta(hours=1)


async def test_a_stream_is_read_as_it_was_stored(store: Store) -> None:
    await store.streams.add(STREAM)

    assert await store.streams.latest("c-ann") == STREAM


async def test_an_ended_stream_is_read_as_it_was_stored(store: Store) -> None:
    over = replace(STREAM, dropped_at=LATER, ended_at=MUCH_LATER, ended_by_owner=True)
    await store.streams.add(over)

    assert await store.streams.latest("c-ann") == over


async def test_a_channel_that_never_streamed_has_no_latest_stream(store: Store) -> None:
    await store.streams.add(STREAM)

    with pytest.raises(NotFoundError):
        await store.streams.latest("c-bob")


async def test_a_channel_is_read_with_its_latest_stream(store: Store) -> None:
    await store.channels.add(CHANNEL)
    await store.channels.add(channel("bob"))
    over = replace(STREAM, stream_id="x-0", ended_at=LATER, title="Before")
    await store.streams.add(over)
    assert await store.channels.get_with_latest_stream("ANN") == (CHANNEL, over)
    await store.streams.add(replace(STREAM, title="Now", category="Art"))

    assert await store.channels.get_with_latest_stream("ann") == (CHANNEL, replace(STREAM, title="Now", category="Art"))
    assert await store.channels.get_with_latest_stream("bob") == (channel("bob"), None)
    with pytest.raises(NotFoundError):
        await store.channels.get_with_latest_stream("nobody")


async def test_a_channel_has_one_open_stream(store: Store) -> None:
    await store.streams.add(STREAM)

    with pytest.raises(ConflictError):
        await store.streams.add(replace(STREAM, stream_id="x-2"))

    assert await store.streams.latest("c-ann") == STREAM


async def test_one_of_twenty_concurrent_starts_on_a_channel_succeeds(store: Store) -> None:
    rivals = [replace(STREAM, stream_id=f"x-{n}") for n in range(20)]

    answers = await asyncio.gather(*(store.streams.add(rival) for rival in rivals), return_exceptions=True)

    assert answers.count(None) == 1
    assert sum(isinstance(a, ConflictError) for a in answers) == 19
    assert await store.streams.all_open() == [rivals[answers.index(None)]]


async def test_a_channel_can_stream_again_after_a_stream_has_ended(store: Store) -> None:
    await store.streams.add(STREAM)
    await store.streams.end("x-1", LATER, by_owner=False)
    second = replace(STREAM, stream_id="x-2", started_at=LATER)

    await store.streams.add(second)

    assert await store.streams.latest("c-ann") == second


async def test_the_open_stream_is_the_latest_even_if_it_has_an_earlier_start_time(store: Store) -> None:
    await store.streams.add(STREAM)
    await store.streams.end("x-1", MUCH_LATER, by_owner=False)
    behind = replace(STREAM, stream_id="x-2", started_at=NOW - timedelta(seconds=1))

    await store.streams.add(behind)

    assert await store.streams.latest("c-ann") == behind


async def test_without_an_open_stream_the_latest_is_the_one_that_ended_last(store: Store) -> None:
    for number in (1, 2, 3):
        await store.streams.add(replace(STREAM, stream_id=f"x-{number}"))
        await store.streams.end(f"x-{number}", NOW + timedelta(minutes=number), by_owner=False)

    assert (await store.streams.latest("c-ann")).stream_id == "x-3"


async def test_open_streams_are_ordered_newest_first(store: Store) -> None:
    for number in (2, 1, 3):
        await store.streams.add(
            replace(STREAM, stream_id=f"x-{number}", channel_id=f"c-{number}", started_at=NOW + timedelta(0, number))
        )
    await store.streams.set_dropped("x-1", OBS.client_id, LATER)
    await store.streams.add(replace(STREAM, stream_id="x-4", channel_id="c-4"))
    await store.streams.end("x-4", LATER, by_owner=True)

    assert [stream.stream_id for stream in await store.streams.all_open()] == ["x-3", "x-2", "x-1"]


async def test_title_and_category_of_an_open_stream_can_be_changed(store: Store) -> None:
    await store.streams.add(STREAM)

    assert await store.streams.set_title_and_category("x-1", "Новое 🎸", "")
    assert await store.streams.set_title_and_category("x-1", "Новое 🎸", ""), "the same words again are fine"

    assert await store.streams.latest("c-ann") == replace(STREAM, title="Новое 🎸", category="")


async def test_an_update_of_the_publisher_sets_its_last_seen_time(store: Store) -> None:
    await store.streams.add(STREAM)

    assert await store.streams.set_seen("x-1", OBS.client_id, LATER)
    assert await store.streams.set_seen("x-1", OBS.client_id, LATER), "twice in one millisecond is fine"

    assert await store.streams.latest("c-ann") == replace(STREAM, seen_at=LATER)


async def test_an_update_of_another_publisher_changes_nothing(store: Store) -> None:
    await store.streams.add(STREAM)

    assert not await store.streams.set_seen("x-1", OBS_BACK_AGAIN.client_id, LATER)

    assert await store.streams.latest("c-ann") == STREAM


async def test_a_publisher_is_dropped_once(store: Store) -> None:
    await store.streams.add(STREAM)

    assert await store.streams.set_dropped("x-1", OBS.client_id, LATER)
    assert not await store.streams.set_dropped("x-1", OBS.client_id, MUCH_LATER)

    assert await store.streams.latest("c-ann") == replace(STREAM, dropped_at=LATER)


async def test_an_update_of_a_dropped_publisher_changes_nothing(store: Store) -> None:
    await store.streams.add(STREAM)
    await store.streams.set_dropped("x-1", OBS.client_id, LATER)

    assert not await store.streams.set_seen("x-1", OBS.client_id, MUCH_LATER)

    assert await store.streams.latest("c-ann") == replace(STREAM, dropped_at=LATER)


async def test_a_publisher_that_was_seen_since_is_not_dropped(store: Store) -> None:
    await store.streams.add(STREAM)
    await store.streams.set_seen("x-1", OBS.client_id, LATER)

    assert not await store.streams.set_dropped("x-1", OBS.client_id, MUCH_LATER, seen_at=NOW)
    assert await store.streams.set_dropped("x-1", OBS.client_id, MUCH_LATER, seen_at=LATER)


async def test_the_end_of_another_publisher_does_not_drop_the_stream(store: Store) -> None:
    await store.streams.add(STREAM)

    assert not await store.streams.set_dropped("x-1", OBS_BACK_AGAIN.client_id, LATER)

    assert await store.streams.latest("c-ann") == STREAM


async def test_a_returning_publisher_takes_over_the_stream(store: Store) -> None:
    await store.streams.add(STREAM)
    await store.streams.set_dropped("x-1", OBS.client_id, LATER)

    assert await store.streams.set_publisher("x-1", OBS, OBS_BACK_AGAIN, MUCH_LATER)

    assert await store.streams.latest("c-ann") == replace(STREAM, publisher=OBS_BACK_AGAIN, seen_at=MUCH_LATER)
    assert not await store.streams.set_seen("x-1", OBS.client_id, MUCH_LATER)


@pytest.mark.parametrize(
    "expected", [OBS_BACK_AGAIN, replace(OBS, address="192.0.2.8"), replace(OBS, software="another encoder")]
)
async def test_a_stream_is_taken_over_only_from_the_expected_publisher(store: Store, expected: Publisher) -> None:
    await store.streams.add(STREAM)

    assert not await store.streams.set_publisher("x-1", expected, OBS_BACK_AGAIN, LATER)

    assert await store.streams.latest("c-ann") == STREAM


async def test_one_of_twenty_concurrent_publishers_takes_over_the_stream(store: Store) -> None:
    await store.streams.add(STREAM)
    rivals = [replace(OBS, client_id=f"{100 + n}") for n in range(20)]

    answers = await asyncio.gather(*(store.streams.set_publisher("x-1", OBS, rival, LATER) for rival in rivals))

    assert answers.count(True) == 1
    assert (await store.streams.latest("c-ann")).publisher == rivals[answers.index(True)]


@pytest.mark.parametrize("by_owner", [True, False])
async def test_a_stream_can_be_ended(store: Store, *, by_owner: bool) -> None:
    await store.streams.add(STREAM)

    assert await store.streams.end("x-1", LATER, by_owner=by_owner)

    assert await store.streams.latest("c-ann") == STREAM.ended(LATER, by_owner=by_owner)
    assert await store.streams.all_open() == []


@pytest.mark.parametrize("dropped_at", [None, LATER])
async def test_an_abandoned_stream_can_be_ended(store: Store, dropped_at: datetime | None) -> None:
    abandoned = replace(STREAM, dropped_at=dropped_at)
    await store.streams.add(abandoned)

    assert await store.streams.end_abandoned(abandoned, NOW)

    assert await store.streams.latest("c-ann") == abandoned.ended(NOW, by_owner=False)
    assert not await store.streams.end_abandoned(abandoned, NOW)


@pytest.mark.parametrize(
    "now_it_is",
    [
        replace(STREAM, publisher=OBS_BACK_AGAIN),
        replace(STREAM, seen_at=MUCH_LATER),
        replace(STREAM, dropped_at=MUCH_LATER),
        STREAM,
    ],
)
async def test_a_stream_that_was_changed_concurrently_is_not_abandoned(store: Store, now_it_is: Stream) -> None:
    await store.streams.add(now_it_is)

    assert not await store.streams.end_abandoned(replace(STREAM, dropped_at=LATER), LATER)

    assert await store.streams.latest("c-ann") == now_it_is


async def test_restarting_can_be_allowed_after_an_end_by_the_owner(store: Store) -> None:
    await store.streams.add(STREAM)
    assert not await store.streams.allow_restart("x-1")
    await store.streams.end("x-1", LATER, by_owner=True)

    assert await store.streams.allow_restart("x-1")

    assert await store.streams.latest("c-ann") == STREAM.ended(LATER, by_owner=False)
    assert not await store.streams.allow_restart("x-1")


async def test_twenty_concurrent_ends_of_a_stream_end_it_once(store: Store) -> None:
    await store.streams.add(STREAM)

    answers = await asyncio.gather(*(store.streams.end("x-1", LATER, by_owner=False) for _ in range(20)))

    assert answers.count(True) == 1


async def test_an_ended_stream_cannot_be_changed(store: Store) -> None:
    await store.streams.add(STREAM)
    await store.streams.end("x-1", LATER, by_owner=True)

    assert not await store.streams.set_title_and_category("x-1", "title", "category")
    assert not await store.streams.set_seen("x-1", OBS.client_id, MUCH_LATER)
    assert not await store.streams.set_dropped("x-1", OBS.client_id, MUCH_LATER)
    assert not await store.streams.set_publisher("x-1", OBS, OBS_BACK_AGAIN, MUCH_LATER)
    assert not await store.streams.end("x-1", MUCH_LATER, by_owner=False)
    assert await store.streams.latest("c-ann") == STREAM.ended(LATER, by_owner=True)


async def test_an_unknown_stream_cannot_be_changed(store: Store) -> None:
    assert not await store.streams.set_title_and_category("x-0", "title", "category")
    assert not await store.streams.set_seen("x-0", OBS.client_id, LATER)
    assert not await store.streams.set_dropped("x-0", OBS.client_id, LATER)
    assert not await store.streams.set_publisher("x-0", OBS, OBS_BACK_AGAIN, LATER)
    assert not await store.streams.end("x-0", LATER, by_owner=False)


async def test_a_stream_is_found_by_its_id(store: Store) -> None:
    await store.streams.add(STREAM)

    assert await store.streams.get(STREAM.stream_id) == STREAM
    with pytest.raises(NotFoundError):
        await store.streams.get("x-unknown")


async def test_the_streams_of_a_channel_are_listed_newest_first_in_pages(store: Store) -> None:
    ended = [replace(STREAM, stream_id=f"x-{n}", started_at=NOW + n // 2 * MILLISECOND, ended_at=NOW) for n in range(5)]
    for stream in (*ended, replace(STREAM, stream_id="x-other", channel_id="c-bob")):
        await store.streams.add(stream)

    found = await store.streams.list_by_channel("c-ann", 2)
    while len(found) < 5:
        found += await store.streams.list_by_channel("c-ann", 2, (found[-1].started_at, found[-1].stream_id))

    assert found == ended[::-1]
    assert await store.streams.list_by_channel("c-ann", 2, (NOW, "x-0")) == []
    assert await store.streams.list_by_channel("c-ann", 0) == []
