"""A broker that is killed, frozen, restarted or missing: acknowledged events are not lost, and the bus recovers."""

import asyncio
import itertools
import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager

import pytest

from streaming_app.backend.adapters.kafka import KafkaBus, open_bus
from streaming_app.backend.adapters.kafka.group_consumer import consume_group
from streaming_app.backend.adapters.kafka.producer_session import Record
from streaming_app.backend.bus import Bus
from streaming_app.backend.errors import BusUnavailableError
from streaming_app.backend.events import CHAT_TOPIC, VIEWS_TOPIC, decode
from tests.contract.bus.raw import all_records
from tests.rig.conditions import until
from tests.rig.event_recorder import DEADLINE_SECONDS, EventRecorder, message_sent, viewers_counted
from tests.rig.kafka import Kafka


async def publish_until_accepted(bus: Bus, text: str) -> None:
    """Publish until it succeeds, as a user would. An event in progress when a broker dies may be stored twice."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while True:
            try:
                return await bus.publish(message_sent(text))
            except BusUnavailableError:
                continue


def said_once(texts: list[str]) -> list[str]:
    return list(dict.fromkeys(texts))


async def texts_in_topic(broker: Kafka) -> list[str]:
    events = [decode(record.value) for record in await all_records(broker.bootstrap_servers, CHAT_TOPIC)]
    return [event.text for event in events if event.type == "ChatMessageSent"]


async def test_the_check_fails_while_no_broker_answers(broker: Kafka, kafka_bus: KafkaBus) -> None:
    await kafka_bus.check()
    with broker.frozen(), pytest.raises(BusUnavailableError):
        await kafka_bus.check()
    broker.kill()

    with pytest.raises(BusUnavailableError):
        await kafka_bus.check()


async def test_killing_the_broker_neither_loses_nor_duplicates_events(broker: Kafka, kafka_bus: KafkaBus) -> None:
    taken: list[str] = []
    numbers = itertools.count()
    stop = asyncio.Event()

    async def write() -> None:
        while not stop.is_set():
            text = str(next(numbers))
            try:
                await kafka_bus.publish(message_sent(text))
            except BusUnavailableError:
                continue
            taken.append(text)

    async def until_taken(count: int) -> None:
        await until(lambda: len(taken) >= count, f"{count} messages were taken")

    writers = [asyncio.create_task(write()) for _ in range(20)]
    await until_taken(500)
    broker.kill()
    at_kill = len(taken)
    await asyncio.to_thread(broker.start)
    await until_taken(at_kill + 500)
    stop.set()
    await asyncio.gather(*writers)

    in_topic = await texts_in_topic(broker)
    assert len(in_topic) == len(set(in_topic))
    assert set(taken) <= set(in_topic)


async def test_an_event_refused_while_the_broker_is_down_is_never_delivered(broker: Kafka, kafka_bus: KafkaBus) -> None:
    await kafka_bus.publish(message_sent("before"))
    broker.kill()
    refusals = await asyncio.gather(
        *(kafka_bus.publish(message_sent("lost")) for _ in range(5)), return_exceptions=True
    )
    await asyncio.to_thread(broker.start)
    await publish_until_accepted(kafka_bus, "after")

    assert [type(refusal) for refusal in refusals] == [BusUnavailableError] * 5
    assert said_once(await texts_in_topic(broker)) == ["before", "after"]


async def test_an_event_that_timed_out_at_a_frozen_broker_is_never_delivered(
    broker: Kafka, kafka_bus: KafkaBus
) -> None:
    sent = "on the wire, " * 30 + "that is all"
    await kafka_bus.publish(message_sent("before"))
    with broker.frozen():
        on_the_wire = asyncio.create_task(kafka_bus.publish(message_sent(sent)))
        await until(lambda: broker.unread_bytes() >= len(sent), "the message had arrived")
        waiting = [asyncio.create_task(kafka_bus.publish(message_sent("lost"))) for _ in range(5)]
        refusals = await asyncio.gather(on_the_wire, *waiting, return_exceptions=True)
    await publish_until_accepted(kafka_bus, "after")

    assert [type(refusal) for refusal in refusals] == [BusUnavailableError] * 6
    in_topic = await texts_in_topic(broker)
    assert "lost" not in in_topic
    assert in_topic.count(sent) <= 1


async def test_subscribers_continue_after_the_broker_was_killed(broker: Kafka, kafka_bus: KafkaBus) -> None:
    archive, hub = EventRecorder(), EventRecorder()

    async with kafka_bus.subscribe([CHAT_TOPIC], archive, group="archive"), kafka_bus.subscribe([CHAT_TOPIC], hub):
        await kafka_bus.publish(message_sent("before"))
        await asyncio.gather(archive.until_received("before"), hub.until_received("before"))
        broker.kill()
        await asyncio.to_thread(broker.start)
        await publish_until_accepted(kafka_bus, "after")
        await asyncio.gather(archive.until_received("after"), hub.until_received("after"))

    assert said_once(hub.texts) == ["before", "after"]
    assert said_once(archive.texts) == ["before", "after"]


async def test_a_group_waits_for_its_partitions_if_the_broker_dies_while_it_connects(broker: Kafka) -> None:
    earlier, archive = EventRecorder(), EventRecorder()
    async with open_bus(broker.bootstrap_servers) as bus, bus.subscribe([CHAT_TOPIC], earlier, group="earlier"):
        await bus.publish(message_sent("before"))
        await earlier.until_received("before")  # from now on, the broker has a coordinator of groups at once

    with (
        at_log_of_aiokafka("Received cluster metadata", broker.kill) as killed,
        at_log_of_aiokafka("Unable to update metadata", broker.start, after=3) as failed,
    ):
        async with consume_group(broker.bootstrap_servers, [CHAT_TOPIC], "archive", archive, refuse):
            await archive.until_received("before")

    assert killed
    assert len(failed) >= 3


async def refuse(_record: Record) -> None:
    raise BusUnavailableError


@contextmanager
def at_log_of_aiokafka(text: str, action: Callable[[], None], after: int = 1) -> Generator[list[str]]:
    """Call ``action`` at the log message number ``after`` that contains ``text``. Yields the list of these messages."""
    found: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if text in record.getMessage():
                found.append(record.getMessage())
                if len(found) == after:
                    action()

    logger, listener = logging.getLogger("aiokafka"), Listener()
    level = logger.level
    logger.setLevel(logging.DEBUG)
    logger.addHandler(listener)
    try:
        yield found
    finally:
        logger.removeHandler(listener)
        logger.setLevel(level)


async def test_a_site_that_starts_before_its_broker_misses_no_event(broker: Kafka) -> None:
    archive, hub = EventRecorder(), EventRecorder()
    broker.stop()

    async with open_bus(broker.bootstrap_servers) as early:
        with pytest.raises(BusUnavailableError):
            await early.publish(message_sent("lost"))
        async with early.subscribe([CHAT_TOPIC], archive, group="archive"), early.subscribe([CHAT_TOPIC], hub):
            await asyncio.to_thread(broker.start)
            async with open_bus(broker.bootstrap_servers) as other:
                await publish_until_accepted(other, "hello")
            await publish_until_accepted(early, "hello yourself")
            await asyncio.gather(archive.until_received("hello yourself"), hub.until_received("hello yourself"))

    assert said_once(hub.texts) == ["hello", "hello yourself"]
    assert said_once(archive.texts) == ["hello", "hello yourself"]


async def test_announcements_missed_in_an_outage_are_sent_afterwards(broker: Kafka, kafka_bus: KafkaBus) -> None:
    hub = EventRecorder()

    async with kafka_bus.subscribe([VIEWS_TOPIC], hub):
        await kafka_bus.announce(viewers_counted(1))
        await hub.until(lambda: len(hub.deliveries) == 1)
        broker.kill()
        await kafka_bus.announce(viewers_counted(2))
        await asyncio.to_thread(broker.start)
        await kafka_bus.announce(viewers_counted(3))
        await hub.until(lambda: len(hub.deliveries) == 3)

    counts = [delivery.event for delivery in hub.deliveries]
    assert [event.viewers for event in counts if event.type == "ViewersCounted"] == [1, 2, 3]
