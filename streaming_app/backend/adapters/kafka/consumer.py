"""Opens Kafka consumers, and opens them again after an outage."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from typing import Any, NoReturn

from aiokafka import AIOKafkaConsumer
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import KafkaError

from streaming_app.backend.adapters.kafka.causes import cause_of
from streaming_app.backend.background_tasks import OutageError, keep_running

BATCH_MAX = 500
"""Maximum number of records that are handled and committed at once."""
POLL_MS = 1000
"""How long a poll waits for records. New records end it immediately."""
LONGEST_PAUSE_SECONDS = 2.0
"""Longest pause between two attempts to consume."""


@asynccontextmanager
async def open_consumer(
    bootstrap_servers: str, topics: Collection[str], listener: ConsumerRebalanceListener | None = None, **options: Any
) -> AsyncGenerator[AIOKafkaConsumer]:
    """Open a consumer without automatic commits, and wait for its first assignment of partitions.

    Raises ``KafkaError`` if Kafka cannot be reached.
    """
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap_servers, enable_auto_commit=False, **options)
    # before the start, which waits for the partitions of subscribed topics; without them, the consumer of a group may
    # assign itself no partition, and read nothing for 5 minutes
    consumer.subscribe(list(topics), listener=listener)
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


async def keep_consuming(name: str, consume: Callable[[], Awaitable[None]]) -> NoReturn:
    """Call ``consume`` again whenever it fails, until cancelled. Errors of Kafka are logged once for each outage."""

    async def run() -> None:
        try:
            await consume()
        except (KafkaError, TimeoutError) as error:
            raise OutageError(f"has no connection to Kafka ({cause_of(error)})") from error

    await keep_running(f"The consumer {name}", run, LONGEST_PAUSE_SECONDS)
