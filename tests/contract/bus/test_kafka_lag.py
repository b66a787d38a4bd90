"""The lag of a worker's consumer group."""

import asyncio
from collections.abc import Sequence

from streaming_app.backend.adapters.kafka import make_topics, open_bus
from streaming_app.backend.adapters.metrics.exposed import ProcessCollector
from streaming_app.backend.bus import Delivery
from streaming_app.backend.events import CHAT_TOPIC
from tests.rig.conditions import until_async
from tests.rig.event_recorder import message_sent
from tests.rig.kafka import Kafka
from tests.rig.metrics import Samples


async def test_the_lag_of_a_group_grows_while_its_handler_is_busy(kafka: Kafka, topic_prefix: str) -> None:
    await make_topics(kafka.bootstrap_servers, topic_prefix, partitions=2, replication=1)
    collector = ProcessCollector(asyncio.get_running_loop())
    labels = {"group": f"{topic_prefix}archive", "topic": topic_prefix + CHAT_TOPIC}
    may_finish = asyncio.Event()

    async def handle(batch: Sequence[Delivery]) -> None:
        await may_finish.wait()

    async def has_lag(events: int | None) -> bool:
        return Samples(await asyncio.to_thread(collector.collect)).get("consumer_lag_events", **labels) == events

    async with open_bus(kafka.bootstrap_servers, topic_prefix) as bus:
        async with bus.subscribe([CHAT_TOPIC], handle, group="archive"):
            await until_async(lambda: has_lag(0), "the group had joined")
            for text in ("one", "two", "three"):
                await bus.publish(message_sent(text))
            await until_async(lambda: has_lag(3), "three events waited")

            may_finish.set()

            await until_async(lambda: has_lag(0), "the events were handled")
        assert await has_lag(None)
