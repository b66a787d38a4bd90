"""A member of a durable group: takes its share of the events in batches and commits after each."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import CommitFailedError, IllegalStateError

from streaming_app.backend.adapters.handlers import call_handler, is_outage
from streaming_app.backend.adapters.kafka.consumer import BATCH_MAX, POLL_MS, keep_consuming, open_consumer
from streaming_app.backend.adapters.kafka.producer_session import Record
from streaming_app.backend.adapters.kafka.records import dead_letter, delivery_of
from streaming_app.backend.bus import Delivery, Handler
from streaming_app.backend.errors import BusUnavailableError
from streaming_app.backend.events import UndecodableEventError

log = logging.getLogger(__name__)

SESSION_MS = 6000
"""A member that was killed is missed after so long, and the others take its share."""
HEARTBEAT_MS = 2000
REBALANCE_MS = 10_000
"""How long a member may go on with its batch when another one joins or leaves."""
DRAIN_SECONDS = 10.0
"""How long a member that is told to stop may go on with its batch."""
RETRY_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Before a batch is handled again; the last one repeats."""

BATCH_ATTEMPTS = 4
"""After so many attempts with a whole batch, when it is no outage, its events are handled one by one."""

Send = Callable[[Record], Awaitable[None]]


@asynccontextmanager
async def consume_group(
    bootstrap_servers: str, topics: Collection[str], group: str, handler: Handler, send: Send
) -> AsyncGenerator[None]:
    """Handle the group's events while the context is open; left when the batch under way is handled or given up."""
    member = _GroupConsumer(bootstrap_servers, topics, group, handler, send)
    taking = asyncio.create_task(keep_consuming(group, member.consume))
    try:
        yield
    finally:
        await member.stop(taking)


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
        """Held while a batch is handled and committed: partitions are given back, and the member stops, in between."""
        self._stop_retrying = asyncio.Event()
        """Set when someone waits: a batch that fails then is left to whoever gets its partitions."""
        self._stopping = False
        self._revocations = 0
        """Counts the times that partitions were taken away."""
        self._unchecked: set[TopicPartition] = set()
        """Assigned, and not yet looked at for records that are gone."""

    async def consume(self) -> None:
        """Handle batches until Kafka fails."""
        async with open_consumer(
            self._bootstrap_servers,
            group_id=self._group,
            auto_offset_reset="earliest",
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=HEARTBEAT_MS,
            rebalance_timeout_ms=REBALANCE_MS,
        ) as consumer:
            consumer.subscribe(list(self._topics), listener=self)
            while True:
                records = await consumer.getmany(timeout_ms=POLL_MS, max_records=BATCH_MAX)
                await self._report_deleted(consumer)  # before anything is committed
                assignment = self._revocations
                async with self._batch_lock:
                    if records and assignment == self._revocations and await self._handle(records):
                        await self._commit(consumer, records)

    async def stop(self, taking: asyncio.Task[NoReturn]) -> None:
        """Let the batch under way end, then leave the group."""
        self._stopping = True
        self._stop_retrying.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS), self._batch_lock:
                taking.cancel()
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)

    async def on_partitions_revoked(  # pyright: ignore[reportIncompatibleMethodOverride] - the consumer awaits it
        self,
        revoked: Collection[TopicPartition],  # noqa: ARG002 - the consumer names it
    ) -> None:
        """Called before others may get the partitions."""
        self._stop_retrying.set()
        async with self._batch_lock:
            self._revocations += 1
        if not self._stopping:
            self._stop_retrying.clear()

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """The consumer goes on by itself where the group has committed."""
        self._unchecked |= set(assigned)

    async def _report_deleted(self, consumer: AIOKafkaConsumer) -> None:
        """Log which records Kafka deleted, by its retention or by hand, before the group had handled them."""
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
        """Whether all of ``batch`` is handled, or set aside. What is done with is removed from ``batch``."""
        if not batch:
            return True
        failure = await call_handler(self._handler, [read.delivery for read in batch])
        if failure is None:
            batch.clear()
        elif attempt >= BATCH_ATTEMPTS and not is_outage(failure):
            return await self._handle_one_by_one(batch)
        return not batch

    async def _handle_one_by_one(self, batch: "list[_ConsumedEvent]") -> bool:
        """Handle each event by itself, and set aside those that fail: they must not hold up the others for ever."""
        while batch:
            failure = await call_handler(self._handler, [batch[0].delivery])
            if is_outage(failure):
                return False
            if failure is not None:
                log.error("%s cannot handle the event at %s: it is set aside", self._group, batch[0].where)
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
                log.error("No event at %s: %s", where, error)  # noqa: TRY400 - the error says it all
                unreadable.append(dead_letter(record, self._group, error))
        return batch, unreadable

    async def _dead_lettered(self, unreadable: list[Record]) -> bool:
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
            log.info("%s lost partitions before it could commit: their batch is handled again (%r)", self._group, error)


@dataclass(frozen=True, slots=True)
class _ConsumedEvent:
    """A record and the event in it."""

    record: Any
    delivery: Delivery

    @property
    def where(self) -> str:
        return f"{self.record.topic}:{self.record.partition}:{self.record.offset}"
