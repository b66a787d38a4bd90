"""Opens Kafka consumers, and opens them again after an outage."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, NoReturn

from aiokafka import AIOKafkaConsumer
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
async def open_consumer(bootstrap_servers: str, *topics: str, **options: Any) -> AsyncGenerator[AIOKafkaConsumer]:
    """Open a consumer without automatic commits; raises ``KafkaError`` if Kafka cannot be reached."""
    consumer = AIOKafkaConsumer(*topics, bootstrap_servers=bootstrap_servers, enable_auto_commit=False, **options)
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
