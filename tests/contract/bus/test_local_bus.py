"""Promises of the local bus alone: no follower receives an event that was not stored."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from streaming_app.backend.adapters.local_bus import LocalBus
from streaming_app.backend.adapters.local_queue import BACKLOG_MAX
from streaming_app.backend.adapters.sqlite import open_store
from streaming_app.backend.bus import Delivery, position_of
from streaming_app.backend.chat.archiver import ChatArchiver
from streaming_app.backend.errors import BusUnavailableError
from streaming_app.backend.events import CHAT_TOPIC, VIEWS_TOPIC
from tests.rig.event_recorder import EventRecorder, message_sent, texts_of, viewers_counted


@pytest.fixture
def bus() -> LocalBus:
    return LocalBus(lambda: datetime.now(UTC))


async def test_an_event_is_stored_before_publish_returns_and_before_followers_receive_it(bus: LocalBus) -> None:
    happened: list[str] = []
    hub = EventRecorder()

    async def keep(_: Sequence[Delivery]) -> None:
        await asyncio.sleep(0)
        happened.append("kept")

    async def show(batch: Sequence[Delivery]) -> None:
        happened.append("shown")
        await hub(batch)

    async with bus.subscribe([CHAT_TOPIC], keep, group="archive"), bus.subscribe([CHAT_TOPIC], show):
        await bus.publish(message_sent("hello"))
        happened.append("acknowledged")
        await hub.until_received("hello")

    assert happened[0] == "kept"
    assert sorted(happened[1:]) == ["acknowledged", "shown"]


async def test_the_check_fails_unless_a_group_stores_chat(bus: LocalBus) -> None:
    with pytest.raises(BusUnavailableError):
        await bus.check()

    async with bus.subscribe([CHAT_TOPIC], EventRecorder(), group="archive"):
        await bus.check()


async def test_an_event_that_no_group_would_store_is_refused(bus: LocalBus) -> None:
    hub = EventRecorder()

    async with bus.subscribe([CHAT_TOPIC], hub):
        with pytest.raises(BusUnavailableError):
            await bus.publish(message_sent("lost"))
        async with bus.subscribe([CHAT_TOPIC], EventRecorder(), group="archive"):
            await bus.publish(message_sent("kept"))
            await hub.until_received("kept")

    assert hub.texts == ["kept"]


async def test_publishing_waits_briefly_for_a_group_that_restarts(bus: LocalBus) -> None:
    archive = EventRecorder()

    publishing = asyncio.create_task(bus.publish(message_sent("hello")))
    await asyncio.sleep(0)
    async with bus.subscribe([CHAT_TOPIC], archive, group="archive"):
        await publishing

    assert archive.texts == ["hello"]


async def test_an_event_that_the_group_fails_to_store_is_refused_and_not_delivered(bus: LocalBus) -> None:
    archive, hub = EventRecorder(fails=1_000), EventRecorder()

    async with bus.subscribe([CHAT_TOPIC], hub):
        async with bus.subscribe([CHAT_TOPIC], archive, group="archive"):
            with pytest.raises(BusUnavailableError):
                await bus.publish(message_sent("lost"))
        async with bus.subscribe([CHAT_TOPIC], EventRecorder(), group="archive"):
            await bus.publish(message_sent("kept"))
            await hub.until_received("kept")

    assert hub.texts == ["kept"]


async def test_a_hanging_group_is_an_outage_of_its_topic_only(bus: LocalBus) -> None:
    hub, hang = EventRecorder(), asyncio.Event()

    async def hanging(_: Sequence[Delivery]) -> None:
        await hang.wait()

    async with bus.subscribe([CHAT_TOPIC], hanging, group="archive"), bus.subscribe([VIEWS_TOPIC], hub):
        with pytest.raises(BusUnavailableError):
            await bus.publish(message_sent("lost"))
        await bus.announce(viewers_counted(1))
        await hub.until(lambda: len(hub.deliveries) == 1)
        hang.set()


async def test_a_refused_event_is_not_delivered_even_if_it_is_stored_later(bus: LocalBus) -> None:
    hub, hang = EventRecorder(), asyncio.Event()

    async def hanging(_: Sequence[Delivery]) -> None:
        await hang.wait()

    async with bus.subscribe([CHAT_TOPIC], hub), bus.subscribe([CHAT_TOPIC], hanging, group="archive"):
        with pytest.raises(BusUnavailableError):
            await bus.publish(message_sent("refused"))
        hang.set()
        await bus.publish(message_sent("kept"))
        await hub.until_received("kept")

    assert hub.texts == ["kept"]


async def test_an_event_that_timed_out_before_its_batch_is_not_stored_later(tmp_path: Path) -> None:
    async with open_store(tmp_path / "store.sqlite3") as store:
        bus, chat_archiver = LocalBus(lambda: datetime.now(UTC)), ChatArchiver(store.chat_archive)
        async with bus.subscribe([CHAT_TOPIC], chat_archiver.handle, group="archive"):
            with closing(sqlite3.connect(tmp_path / "store.sqlite3", isolation_level=None)) as backup:
                backup.execute("BEGIN IMMEDIATE")
                with pytest.raises(BusUnavailableError):
                    await bus.publish(message_sent("refused"))
            await bus.publish(message_sent("kept"))

        assert [kept.text for kept in await store.chat_archive.recent("ch1", 10)] == ["kept"]


async def test_a_cancelled_publish_is_not_delivered_later(bus: LocalBus) -> None:
    archive, busy, go_on = EventRecorder(), asyncio.Event(), asyncio.Event()

    async def slow(batch: Sequence[Delivery]) -> None:
        busy.set()
        await go_on.wait()
        await archive(batch)

    async with bus.subscribe([CHAT_TOPIC], slow, group="archive"):
        first = asyncio.create_task(bus.publish(message_sent("first")))
        await busy.wait()
        given_up = asyncio.create_task(bus.publish(message_sent("given up")))
        await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.wait([given_up])
        go_on.set()
        await first
        await bus.publish(message_sent("last"))

    assert archive.texts == ["first", "last"]


async def test_events_published_while_a_group_is_busy_are_stored_in_one_batch(bus: LocalBus) -> None:
    archive, busy, go_on = EventRecorder(), asyncio.Event(), asyncio.Event()

    async def slow(batch: Sequence[Delivery]) -> None:
        busy.set()
        await go_on.wait()
        await archive(batch)

    async with bus.subscribe([CHAT_TOPIC], slow, group="archive"):
        first = asyncio.create_task(bus.publish(message_sent("first")))
        await busy.wait()
        others = [asyncio.create_task(bus.publish(message_sent(str(n)))) for n in range(50)]
        await asyncio.sleep(0)
        go_on.set()
        await asyncio.gather(first, *others)

    assert [len(batch) for batch in archive.batches] == [1, 50]


async def test_an_event_that_cannot_be_stored_does_not_refuse_the_rest_of_its_batch(bus: LocalBus) -> None:
    archive, busy, go_on = EventRecorder(), asyncio.Event(), asyncio.Event()

    async def fail_on_poison(batch: Sequence[Delivery]) -> None:
        busy.set()
        await go_on.wait()
        if "poison" in texts_of(batch):
            raise ValueError("it cannot be stored")
        await archive(batch)

    async with bus.subscribe([CHAT_TOPIC], fail_on_poison, group="archive"):
        first = asyncio.create_task(bus.publish(message_sent("first")))
        await busy.wait()
        others = [asyncio.create_task(bus.publish(message_sent(text))) for text in ("before", "poison", "after")]
        await asyncio.sleep(0)
        go_on.set()
        await first
        outcomes = await asyncio.gather(*others, return_exceptions=True)

    assert archive.texts == ["first", "before", "after"]
    assert [type(outcome) for outcome in outcomes] == [type(None), BusUnavailableError, type(None)]


async def test_positions_increase_when_the_clock_is_set_back() -> None:
    clock = [datetime.now(UTC)]
    bus, archive = LocalBus(lambda: clock[0]), EventRecorder()

    async with bus.subscribe([CHAT_TOPIC], archive, group="archive"):
        for step in (0, 0, -3600, 1, 7200, -7200):
            clock[0] += timedelta(seconds=step)
            await bus.publish(message_sent("tick"))

    positions = [delivery.position for delivery in archive.deliveries]
    assert positions == sorted(set(positions))


async def test_positions_continue_above_the_archives_when_the_clock_was_set_back() -> None:
    newest = position_of(datetime.now(UTC) + timedelta(hours=1), 5)
    bus, archive = LocalBus(lambda: datetime.now(UTC), newest), EventRecorder()

    async with bus.subscribe([CHAT_TOPIC], archive, group="archive"):
        await bus.publish(message_sent("first"))
        await bus.publish(message_sent("second"))

    assert [delivery.position for delivery in archive.deliveries] == [newest + 1, newest + 2]


async def test_a_blocked_follower_loses_the_oldest_events_and_uses_bounded_memory(bus: LocalBus) -> None:
    slow, hub, go_on = EventRecorder(), EventRecorder(), asyncio.Event()

    async def standing_still(batch: Sequence[Delivery]) -> None:
        await go_on.wait()
        await slow(batch)

    async with bus.subscribe([VIEWS_TOPIC], standing_still), bus.subscribe([VIEWS_TOPIC], hub):
        await bus.announce(viewers_counted(0))
        await hub.until(lambda: len(hub.deliveries) == 1)
        for viewers in range(1, BACKLOG_MAX + 101):
            await bus.announce(viewers_counted(viewers))
        await hub.until(lambda: len(hub.deliveries) == BACKLOG_MAX + 101)
        go_on.set()
        await slow.until(lambda: len(slow.deliveries) == BACKLOG_MAX + 1)

    events = [delivery.event for delivery in slow.deliveries]
    assert [event.viewers for event in events if event.type == "ViewersCounted"] == [0, *range(101, BACKLOG_MAX + 101)]
