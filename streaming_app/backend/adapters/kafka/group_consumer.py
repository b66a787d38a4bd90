"""A Kafka consumer that belongs to a durable group: it handles its partitions in batches, and commits after each."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import CommitFailedError, IllegalStateError

from streaming_app.backend.adapters.event_dispatch import call_handler, is_outage
from streaming_app.backend.adapters.kafka.causes import cause_of
from streaming_app.backend.adapters.kafka.consumer import BATCH_MAX, POLL_MS, keep_consuming, open_consumer
from streaming_app.backend.adapters.kafka.consumer_lag import sample_lag
from streaming_app.backend.adapters.kafka.producer_session import Record
from streaming_app.backend.adapters.kafka.records import dead_letter, delivery_of
from streaming_app.backend.adapters.metrics.definitions import WORKER
from streaming_app.backend.adapters.metrics.exposed import exposed
from streaming_app.backend.background_tasks import finished_within
from streaming_app.backend.bus import Delivery, Handler
from streaming_app.backend.errors import BusUnavailableError
from streaming_app.backend.events import UndecodableEventError
from streaming_app.backend.request_ids import working_on

log = logging.getLogger(__name__)

SESSION_MS = 6000
"""Kafka gives the partitions of a killed consumer to the others after this time."""
HEARTBEAT_MS = 2000
REBALANCE_MS = 10_000
"""How long a consumer may take to finish its batch when another one joins or leaves the group."""
DRAIN_SECONDS = 10.0
"""How long a consumer may take to finish its batch when it stops."""
RETRY_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Pauses before a batch is handled again; the last pause repeats."""

BATCH_ATTEMPTS = 4
"""A batch that failed this often, other than by an outage, is handled event by event."""

Send = Callable[[Record], Awaitable[None]]


@asynccontextmanager
async def consume_group(
    bootstrap_servers: str, topics: Collection[str], group: str, handler: Handler, send: Send
) -> AsyncGenerator[None]:
    """Handle the group's events while the context is open. On exit, finish the current batch or give it up."""
    consumer = _GroupConsumer(bootstrap_servers, topics, group, handler, send)
    task = asyncio.create_task(keep_consuming(group, consumer.consume))
    try:
        yield
    finally:
        await consumer.stop(task)


class _GroupConsumer(ConsumerRebalanceListener):
    def __init__(
        self, bootstrap_servers: str, topics: Collection[str], group: str, handler: Handler, send: Send
    ) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._topics = topics
        self._group = group
        self._handler = handler
        self._send = send
        self._batch_lock = asyncio.Lock()
        """Held while a batch is handled and committed. Releasing partitions and stopping wait for it."""
        self._stop_retrying = asyncio.Event()
        """Set when partitions are being released, or the consumer stops: a failed batch is then not retried here."""
        self._stopping = False
        self._revocations = 0
        """How often partitions were taken away."""
        self._unchecked: set[TopicPartition] = set()
        """Partitions that were assigned, but not yet checked for deleted records."""

    async def consume(self) -> None:
        """Handle events until Kafka fails."""
        async with open_consumer(
            self._bootstrap_servers,
            self._topics,
            self,
            group_id=self._group,
            auto_offset_reset="earliest",
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=HEARTBEAT_MS,
            rebalance_timeout_ms=REBALANCE_MS,
        ) as consumer:
            with exposed(WORKER, partial(sample_lag, consumer, self._group)):
                while True:
                    records = await consumer.getmany(timeout_ms=POLL_MS, max_records=BATCH_MAX)
                    await self._report_deleted(consumer)  # before anything is committed
                    revocations = self._revocations
                    async with self._batch_lock:
                        if records and revocations == self._revocations and await self._handle(records):
                            await self._commit(consumer, records)

    async def stop(self, task: asyncio.Task[NoReturn]) -> None:
        """Wait up to ``DRAIN_SECONDS`` for the current batch, then cancel ``task`` and leave the group."""
        self._stopping = True
        self._stop_retrying.set()

        async def cancel_between_batches() -> None:
            async with self._batch_lock:
                task.cancel()

        if not await finished_within(DRAIN_SECONDS, cancel_between_batches()):
            task.cancel()  # only once, because a second time would interrupt the cleanup
        await asyncio.gather(task, return_exceptions=True)

    async def on_partitions_revoked(  # pyright: ignore[reportIncompatibleMethodOverride] - the consumer awaits it
        self,
        revoked: Collection[TopicPartition],  # noqa: ARG002 - the consumer names it
    ) -> None:
        """Finish the current batch before other consumers get the partitions."""
        self._stop_retrying.set()
        async with self._batch_lock:
            self._revocations += 1
        if not self._stopping:
            self._stop_retrying.clear()

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Check the new partitions later; the consumer itself continues at the committed offsets."""
        self._unchecked |= set(assigned)

    async def _report_deleted(self, consumer: AIOKafkaConsumer) -> None:
        """Log the records that Kafka deleted, by retention or by hand, before the group handled them."""
        unchecked = self._unchecked & consumer.assignment()
        self._unchecked -= unchecked
        beginnings = await consumer.beginning_offsets(list(unchecked)) if unchecked else {}
        for partition, beginning in beginnings.items():
            committed = await consumer.committed(partition)
            if committed is not None and committed < beginning:
                where = f"{partition.topic}:{partition.partition}"
                missed = "%s missed %d record(s) of %s: Kafka deleted those from %d to %d before they were handled"
                log.error(missed, self._group, beginning - committed, where, committed, beginning - 1)

    async def _handle(self, records: dict[TopicPartition, list[Any]]) -> bool:
        """Handle ``records`` until it succeeds; ``False`` if the consumer has to stop or release partitions first."""
        batch, unreadable = self._decode(records)
        attempt = 0
        while not (await self._dead_lettered(unreadable) and await self._handle_batch(batch, attempt)):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)]):
                    await self._stop_retrying.wait()
                return False
            attempt += 1
        return True

    async def _handle_batch(self, batch: "list[_ConsumedEvent]", attempt: int) -> bool:
        """Return whether all events are handled or dead-lettered. Those are removed from ``batch``."""
        if not batch:
            return True
        failure = await call_handler(self._handler, [read.delivery for read in batch])
        if failure is None:
            batch.clear()
        elif attempt >= BATCH_ATTEMPTS and not is_outage(failure):
            return await self._handle_one_by_one(batch)
        return not batch

    async def _handle_one_by_one(self, batch: "list[_ConsumedEvent]") -> bool:
        """Handle each event separately and dead-letter those that fail, so that they do not block the others."""
        while batch:
            failure = await call_handler(self._handler, [batch[0].delivery])
            if is_outage(failure):
                return False
            if failure is not None:
                with working_on((batch[0].delivery.request_id,)):
                    log.error("%s cannot handle the event at %s: it becomes a dead letter", self._group, batch[0].where)
                if not await self._dead_lettered([dead_letter(batch[0].record, self._group, failure)]):
                    return False
            del batch[0]
        return True

    def _decode(self, records: dict[TopicPartition, list[Any]]) -> "tuple[list[_ConsumedEvent], list[Record]]":
        batch: list[_ConsumedEvent] = []
        unreadable: list[Record] = []
        for record in (record for some in records.values() for record in some):
            try:
                batch.append(_ConsumedEvent(record, delivery_of(record)))
            except UndecodableEventError as error:
                where = f"{record.topic}:{record.partition}:{record.offset}"
                log.error("No event at %s: %s", where, error)  # noqa: TRY400 - a traceback adds nothing
                unreadable.append(dead_letter(record, self._group, error))
        return batch, unreadable

    async def _dead_lettered(self, unreadable: list[Record]) -> bool:
        """Send dead letters; ``False`` if Kafka does not accept them now. Sent ones are removed from ``unreadable``."""
        try:
            while unreadable:
                await self._send(unreadable[0])
                del unreadable[0]
        except BusUnavailableError:
            return False
        return True

    async def _commit(self, consumer: AIOKafkaConsumer, records: dict[TopicPartition, list[Any]]) -> None:
        try:
            await consumer.commit({partition: some[-1].offset + 1 for partition, some in records.items()})
        except (CommitFailedError, IllegalStateError) as error:
            log.info(
                "%s lost partitions before its commit: their batch is handled again (%s)", self._group, cause_of(error)
            )


@dataclass(frozen=True, slots=True)
class _ConsumedEvent:
    """A record and its decoded event."""

    record: Any
    delivery: Delivery

    @property
    def where(self) -> str:
        return f"{self.record.topic}:{self.record.partition}:{self.record.offset}"
