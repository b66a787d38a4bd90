"""A member of a durable group: takes its share of the events in batches and commits after each."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from typing import Any, NoReturn

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import CommitFailedError, IllegalStateError

from streaming_app.backend.adapters.handlers import took
from streaming_app.backend.adapters.kafka.consumer import BATCH_MAX, POLL_MS, keep_consuming, open_consumer
from streaming_app.backend.adapters.kafka.line import Record
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

Send = Callable[[Record], Awaitable[None]]


@asynccontextmanager
async def taking_part(
    bootstrap_servers: str, topics: Collection[str], group: str, handler: Handler, send: Send
) -> AsyncGenerator[None]:
    """Handle the group's events while the context is open; left when the batch under way is handled or given up."""
    member = _Member(bootstrap_servers, topics, group, handler, send)
    taking = asyncio.create_task(keep_consuming(group, member.take_part))
    try:
        yield
    finally:
        await member.stop(taking)


class _Member(ConsumerRebalanceListener):
    def __init__(
        self, bootstrap_servers: str, topics: Collection[str], group: str, handler: Handler, send: Send
    ) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._topics = topics
        self._group = group
        self._handler = handler
        self._send = send
        self._at_work = asyncio.Lock()
        """Held while a batch is handled and committed: partitions are given back, and the member stops, in between."""
        self._give_up = asyncio.Event()
        """Set when someone waits: a batch that fails then is left to whoever gets its partitions."""
        self._stopping = False
        self._assignment = 0
        """Counts the times that partitions were taken away."""

    async def take_part(self) -> None:
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
                assignment = self._assignment
                async with self._at_work:
                    if records and assignment == self._assignment and await self._handled(records):
                        await self._commit(consumer, records)

    async def stop(self, taking: asyncio.Task[NoReturn]) -> None:
        """Let the batch under way end, then leave the group."""
        self._stopping = True
        self._give_up.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS), self._at_work:
                taking.cancel()
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)

    async def on_partitions_revoked(  # pyright: ignore[reportIncompatibleMethodOverride] - the consumer awaits it
        self,
        revoked: Collection[TopicPartition],  # noqa: ARG002 - the consumer names it
    ) -> None:
        """Called before others may get the partitions."""
        self._give_up.set()
        async with self._at_work:
            self._assignment += 1
        if not self._stopping:
            self._give_up.clear()

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """The consumer goes on by itself where the group has committed."""

    async def _handled(self, records: dict[TopicPartition, list[Any]]) -> bool:
        batch, unreadable = self._decode(records)
        attempt = 0
        while not (await self._buried(unreadable) and (not batch or await took(self._handler, batch))):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)]):
                    await self._give_up.wait()
                return False
            attempt += 1
        return True

    def _decode(self, records: dict[TopicPartition, list[Any]]) -> tuple[list[Delivery], list[Record]]:
        batch: list[Delivery] = []
        unreadable: list[Record] = []
        for record in (record for some in records.values() for record in some):
            try:
                batch.append(delivery_of(record))
            except UndecodableEventError as error:
                where = f"{record.topic}:{record.partition}:{record.offset}"
                log.error("No event at %s: %s", where, error)  # noqa: TRY400 - the error says it all
                unreadable.append(dead_letter(record, self._group, error))
        return batch, unreadable

    async def _buried(self, unreadable: list[Record]) -> bool:
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
