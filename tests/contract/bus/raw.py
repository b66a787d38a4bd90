"""Direct access to topics, without the bus."""

import asyncio
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from tests.rig.event_recorder import DEADLINE_SECONDS


async def put(bootstrap_servers: str, topic: str, value: bytes | None, key: bytes = b"ch1") -> None:
    """Write one record."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap_servers) as producer:
        await producer.send_and_wait(topic, value, key)


async def all_records(bootstrap_servers: str, topic: str, at_least: int = 0) -> list[Any]:
    """Return all records of a topic up to its current end; waits until there are at least ``at_least``."""
    records: list[Any] = []
    async with (
        asyncio.timeout(DEADLINE_SECONDS),
        AIOKafkaConsumer(topic, bootstrap_servers=bootstrap_servers, auto_offset_reset="earliest") as consumer,
    ):
        partitions: set[TopicPartition] = consumer.assignment()
        ends = await consumer.end_offsets(list(partitions))
        while len(records) < at_least or any([await consumer.position(p) < ends[p] for p in partitions]):
            for some in (await consumer.getmany(timeout_ms=100)).values():
                records += some
    return records
