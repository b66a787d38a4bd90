import asyncio
from collections.abc import Callable
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.rig.kafka import Kafka

DEADLINE_SECONDS = 30


async def create_topic(broker: Kafka, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap_servers)
    await admin.start()
    try:
        answer: Any = await admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
    finally:
        await admin.close()
    assert [error[1] for error in answer.topic_errors] == [0]


async def say(broker: Kafka, topic: str, value: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap_servers, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        await producer.send_and_wait(topic, value)
    finally:
        await producer.stop()


async def hear(broker: Kafka, topic: str, count: int) -> list[bytes]:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=broker.bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            return [(await consumer.getone()).value or b"" for _ in range(count)]
    finally:
        await consumer.stop()


async def test_a_produced_record_is_consumed(kafka: Kafka, topic_prefix: str) -> None:
    await create_topic(kafka, f"{topic_prefix}chat")

    await say(kafka, f"{topic_prefix}chat", b"hello")

    assert await hear(kafka, f"{topic_prefix}chat", 1) == [b"hello"]


async def test_the_broker_restarts_with_its_data_and_port(own_kafka: Kafka) -> None:
    broker = own_kafka
    faults: list[Callable[[], None]] = [broker.kill, broker.stop]
    await create_topic(broker, "chat")
    said: list[bytes] = []

    for fault in faults:
        said.append(fault.__name__.encode())
        await say(broker, "chat", said[-1])
        fault()
        broker.start()

        assert await hear(broker, "chat", len(said)) == said
