"""A Kafka consumer that collects records for minutes, writes them at once, and then commits their offsets."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, NoReturn

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError

from streaming_app.backend.adapters.kafka.causes import cause_of
from streaming_app.backend.adapters.kafka.consumer import POLL_MS, open_consumer
from streaming_app.backend.adapters.kafka.consumer_lag import sample_lag
from streaming_app.backend.adapters.kafka.group_consumer import HEARTBEAT_MS, SESSION_MS
from streaming_app.backend.adapters.kafka.records import StoredEvent, stored_event_of
from streaming_app.backend.adapters.metrics.definitions import WORKER
from streaming_app.backend.adapters.metrics.exposed import exposed
from streaming_app.backend.background_tasks import OutageError, keep_running
from streaming_app.backend.events import UndecodableEventError

RECORDS_MAX = 20_000
"""Number of collected records that are written without waiting longer."""
REBALANCE_MS = 60_000
"""How long a write may take when another consumer joins the group."""
LONGEST_PAUSE_SECONDS = 30.0
"""Longest pause after a failure, such as a full disk. All records since the last commit are read again then."""

Write = Callable[[Sequence[StoredEvent]], Awaitable[None]]
"""Writes events. The events of each partition are in order, without gaps since those of the previous call."""


async def keep_collecting(
    bootstrap_servers: str, prefix: str, topics: Collection[str], group: str, interval: timedelta, write: Write
) -> NoReturn:
    """Pass the events of ``topics`` to ``write``, those of each ``interval`` at once, until cancelled.

    If ``write`` fails or the process dies, the events since the last commit are passed again, maybe in other portions.
    """

    async def run() -> None:
        collector = _Collector(prefix, interval, write)
        try:
            async with open_consumer(
                bootstrap_servers,
                [prefix + topic for topic in topics],
                collector,
                group_id=prefix + group,
                auto_offset_reset="earliest",
                session_timeout_ms=SESSION_MS,
                heartbeat_interval_ms=HEARTBEAT_MS,
                rebalance_timeout_ms=REBALANCE_MS,
            ) as consumer:
                with exposed(WORKER, partial(sample_lag, consumer, prefix + group)):
                    await collector.collect(consumer)
        except (KafkaError, TimeoutError) as error:
            raise OutageError(f"has no connection to Kafka ({cause_of(error)})") from error

    await keep_running(f"The consumer {group}", run, LONGEST_PAUSE_SECONDS)


@dataclass(slots=True)
class _Collected:
    """The records since the last commit."""

    events: list[StoredEvent] = field(default_factory=list[StoredEvent])
    ends: dict[TopicPartition, int] = field(default_factory=dict[TopicPartition, int])
    """Offset after the newest record of each partition."""
    since: float = 0.0
    """When the first record was read, by the clock of the event loop."""


class _Collector(ConsumerRebalanceListener):
    def __init__(self, prefix: str, interval: timedelta, write: Write) -> None:
        self._prefix = prefix
        self._interval_seconds = interval.total_seconds()
        self._write = write
        self._lock = asyncio.Lock()
        """Held while records are written and committed."""
        self._collected = _Collected()
        self._revocations = 0

    async def collect(self, consumer: AIOKafkaConsumer) -> None:
        """Collect and write until Kafka or a write fails."""
        clock = asyncio.get_running_loop().time
        while True:
            records = await consumer.getmany(timeout_ms=POLL_MS, max_records=RECORDS_MAX)
            revocations = self._revocations
            async with self._lock:
                if revocations != self._revocations:
                    continue  # the records are read again, by the consumer that now has the partitions
                self._add(records, clock())
                is_old = self._collected.ends and clock() - self._collected.since >= self._interval_seconds
                if is_old or len(self._collected.events) >= RECORDS_MAX:
                    await self._finish(consumer)

    async def on_partitions_revoked(  # pyright: ignore[reportIncompatibleMethodOverride] - the consumer awaits it
        self,
        revoked: Collection[TopicPartition],  # noqa: ARG002 - the consumer names it
    ) -> None:
        """Forget the records since the last commit: whoever gets the partitions reads them again."""
        async with self._lock:
            self._revocations += 1
            self._collected = _Collected()

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Do nothing: the consumer itself continues at the committed offsets."""

    def _add(self, records: dict[TopicPartition, list[Any]], now: float) -> None:
        if records and not self._collected.ends:
            self._collected.since = now
        for partition, some in records.items():
            self._collected.ends[partition] = some[-1].offset + 1
            for record in some:
                with suppress(UndecodableEventError):  # the other consumers of the topic report it
                    self._collected.events.append(stored_event_of(record, self._prefix))

    async def _finish(self, consumer: AIOKafkaConsumer) -> None:
        """Write what was collected, and then commit. A write that has begun is completed, even if this is cancelled."""
        collected, self._collected = self._collected, _Collected()
        writing = asyncio.create_task(_call(self._write, collected.events))
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            await asyncio.wait([writing])
            raise
        with suppress(CommitFailedError, IllegalStateError):  # the partitions were lost: their records are read again
            await consumer.commit(collected.ends)


async def _call(write: Write, events: Sequence[StoredEvent]) -> None:
    if events:
        await write(events)
