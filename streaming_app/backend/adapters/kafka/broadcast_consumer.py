"""A Kafka consumer without a group: it receives every event from a start time on, and keeps its own offsets."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from streaming_app.backend.adapters.event_dispatch import call_handler
from streaming_app.backend.adapters.kafka.consumer import BATCH_MAX, POLL_MS, keep_consuming, open_consumer
from streaming_app.backend.adapters.kafka.records import delivery_of
from streaming_app.backend.background_tasks import in_background
from streaming_app.backend.bus import Delivery, Handler
from streaming_app.backend.events import UndecodableEventError

log = logging.getLogger(__name__)

START_SECONDS = 5.0
"""How long to wait for Kafka at start. A consumer that connects later finds its start by the broker's timestamps."""
REQUEST_MS = 5000
MILLISECOND = timedelta(milliseconds=1)


@asynccontextmanager
async def consume_broadcast(
    bootstrap_servers: str, topics: Collection[str], handler: Handler, back: timedelta
) -> AsyncGenerator[None]:
    """Pass all events of ``topics`` to ``handler`` while the context is open, and those of the last ``back`` before.

    The context is entered when the consumer knows its offsets, or after ``START_SECONDS`` if Kafka cannot be reached.
    """
    consumer = _BroadcastConsumer(bootstrap_servers, topics, handler, _now_ms() - back // MILLISECOND if back else None)
    async with in_background(keep_consuming("without a group", consumer.consume)):
        await asyncio.wait([consumer.first_attempt], timeout=START_SECONDS)
        consumer.set_start()
        yield


class _BroadcastConsumer:
    def __init__(self, bootstrap_servers: str, topics: Collection[str], handler: Handler, start_ms: int | None) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._topics = topics
        self._handler = handler
        self._offsets: dict[TopicPartition, int] = {}
        """Offset of the next record, for each partition."""
        self._start_ms = start_ms
        """Unix time from which on no event may be missed; ``None`` before ``set_start``, to start at the end."""
        self.first_attempt: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Completes when the first attempt to find the offsets has succeeded or failed."""

    def set_start(self) -> None:
        """Miss no event from now on, unless an earlier start was given."""
        if self._start_ms is None:
            self._start_ms = _now_ms()

    async def consume(self) -> None:
        """Handle events until Kafka fails."""
        try:
            async with open_consumer(
                self._bootstrap_servers, self._topics, auto_offset_reset="latest", request_timeout_ms=REQUEST_MS
            ) as consumer:
                await self._seek(consumer)
                self._set_attempted()
                while True:
                    await self._handle(await consumer.getmany(timeout_ms=POLL_MS, max_records=BATCH_MAX))
        finally:
            self._set_attempted()

    async def _seek(self, consumer: AIOKafkaConsumer) -> None:
        ends = {partition: await consumer.position(partition) for partition in consumer.assignment()}
        if self._start_ms is None:
            self._offsets = ends
            return
        new = dict.fromkeys(ends.keys() - self._offsets.keys(), self._start_ms)
        since = await consumer.offsets_for_times(new) if new else {}
        self._offsets = {
            **ends,
            **{partition: found.offset for partition, found in since.items() if found is not None},
            **self._offsets,
        }
        beginnings = await consumer.beginning_offsets(list(ends))
        for partition in ends:
            self._skip_deleted(partition, beginnings[partition])
            consumer.seek(partition, self._offsets[partition])

    def _skip_deleted(self, partition: TopicPartition, beginning: int) -> None:
        missed = beginning - self._offsets[partition]
        if missed > 0:
            log.error("A consumer missed %d record(s) of %s: Kafka has deleted them", missed, partition.topic)
            self._offsets[partition] = beginning

    async def _handle(self, records: dict[TopicPartition, list[Any]]) -> None:
        batch: list[Delivery] = []
        for partition, some in records.items():
            self._offsets[partition] = some[-1].offset + 1
            for record in some:
                try:
                    batch.append(delivery_of(record))
                except UndecodableEventError as error:
                    log.warning("No event at %s:%d:%d: %s", record.topic, record.partition, record.offset, error)
        if batch:
            await call_handler(self._handler, batch)

    def _set_attempted(self) -> None:
        if not self.first_attempt.done():
            self.first_attempt.set_result(None)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
