"""Measures how many records a group has not handled yet."""

import asyncio
from collections import Counter
from contextlib import suppress

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import ConsumerStoppedError, KafkaError

from streaming_app.backend.adapters.metrics.definitions import CONSUMER_LAG

TIMEOUT_SECONDS = 1.0


async def sample_lag(consumer: AIOKafkaConsumer, group: str) -> None:
    """Set the gauge to the number of records after the committed offsets, by topic. While Kafka is down, remove it."""
    lag = Counter[str]()
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            partitions = list(consumer.assignment())
            ends, beginnings = await consumer.end_offsets(partitions), await consumer.beginning_offsets(partitions)
            for partition in partitions:
                handled = max(beginnings[partition], await consumer.committed(partition) or 0)
                lag[partition.topic] += ends[partition] - handled
    except (TimeoutError, KafkaError, ConsumerStoppedError):
        lag.clear()
    for topic in consumer.subscription():
        if topic in lag:
            CONSUMER_LAG.labels(group, topic).set(lag[topic])
        else:
            with suppress(KeyError):
                CONSUMER_LAG.remove(group, topic)
