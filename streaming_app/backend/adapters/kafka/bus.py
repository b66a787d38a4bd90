"""The event bus between processes, on Kafka."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from typing import NoReturn

from aiokafka.errors import KafkaError

from streaming_app.backend.adapters.kafka.broadcast_consumer import consume_broadcast
from streaming_app.backend.adapters.kafka.collecting_consumer import Write, keep_collecting
from streaming_app.backend.adapters.kafka.group_consumer import consume_group
from streaming_app.backend.adapters.kafka.producer import Producer, open_producer
from streaming_app.backend.adapters.kafka.records import record_of
from streaming_app.backend.adapters.kafka.topics import DEFAULT_RETENTION, check_topics
from streaming_app.backend.adapters.metrics.operations import measured_bus
from streaming_app.backend.bus import FROM_NOW, Handler
from streaming_app.backend.events import Event
from streaming_app.backend.tracing import publication_span

log = logging.getLogger(__name__)

CHECK_SECONDS = 5.0
"""How long the start waits for Kafka. After that the site starts without chat."""


class KafkaBus:
    """Implements ``bus.Bus`` for several processes. Create it with ``open_bus``."""

    def __init__(self, bootstrap_servers: str, prefix: str, producer: Producer) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._prefix = prefix
        self._producer = producer

    @measured_bus("publish")
    async def publish(self, event: Event) -> None:
        with publication_span(event.topic, type(event).__name__):
            await self._producer.send(record_of(event, self._prefix))

    async def announce(self, event: Event) -> None:
        with publication_span(event.topic, type(event).__name__):
            self._producer.enqueue(record_of(event, self._prefix))

    async def check(self) -> None:
        await self._producer.check()

    def subscribe(
        self,
        topics: Collection[str],
        handler: Handler,
        *,
        group: str | None = None,
        back: timedelta = FROM_NOW,
    ) -> AbstractAsyncContextManager[None]:
        names = [self._prefix + topic for topic in topics]
        if group is None:
            return consume_broadcast(self._bootstrap_servers, names, handler, back)
        return consume_group(self._bootstrap_servers, names, self._prefix + group, handler, self._producer.send)

    async def keep_collecting(self, topics: Collection[str], group: str, interval: timedelta, write: Write) -> NoReturn:
        """Write the events of ``topics`` in portions, see ``collecting_consumer.keep_collecting``."""
        await keep_collecting(self._bootstrap_servers, self._prefix, topics, group, interval, write)


@asynccontextmanager
async def open_bus(
    bootstrap_servers: str, prefix: str = "", retention: timedelta = DEFAULT_RETENTION
) -> AsyncGenerator[KafkaBus]:
    """Open the bus. If the brokers cannot be reached, it connects later, in the background.

    Raises ``SetupError`` if the brokers answer, but a topic is missing or configured wrongly.
    """
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check_topics(bootstrap_servers, prefix, retention)
    except (TimeoutError, KafkaError):
        log.warning("Kafka at %s is unreachable: the site starts without chat", bootstrap_servers)
    async with open_producer(bootstrap_servers) as producer:
        yield KafkaBus(bootstrap_servers, prefix, producer)
