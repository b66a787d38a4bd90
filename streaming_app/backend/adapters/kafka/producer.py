"""Records to Kafka: acknowledged by every in-sync replica within a bound, or certainly not sent later."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError

from streaming_app.backend.adapters.kafka.producer_session import ProducerSession, Record
from streaming_app.backend.errors import BusUnavailableError

log = logging.getLogger(__name__)

SEND_SECONDS = 2.0
"""What ``Bus.publish`` promises."""
CLOSE_SECONDS = 1.0
"""What records that nobody waits for get to leave when the process ends."""
BACKLOG_MAX = 10_000
"""Records that nobody waits for, kept through an outage."""
RECONNECT_SECONDS = (0.1, 0.2, 0.5, 1.0)
"""Between attempts to connect; the last one repeats."""


class Producer:
    """One connection to Kafka after the other; made by ``open_producer``."""

    def __init__(self, bootstrap_servers: str) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._session: ProducerSession | None = None
        self._is_connected = asyncio.Event()
        self._backlog: asyncio.Queue[Record] = asyncio.Queue(BACKLOG_MAX)

    async def send(self, record: Record) -> None:
        """Return when the record is durable; raises ``BusUnavailableError`` within ``SEND_SECONDS`` else.

        A record that was not acknowledged in time must not turn up later, when its author has said it again. So the
        line that it waited in is cut, with all that waits there: they are not sent any more. What is left of doubt is
        the one request to each broker that was under way: Kafka has it, or has not.
        """
        line: ProducerSession | None = None
        try:
            async with asyncio.timeout(SEND_SECONDS):
                line = await self._connected_session()
                await line.send(record)
        except UnknownTopicOrPartitionError:
            message = "Kafka has no topic %s: run `python -m streaming_app.backend topics`"
            log.error(message, record.topic)  # noqa: TRY400 - the line says what to do
            raise BusUnavailableError from None
        except (TimeoutError, KafkaError) as error:
            if line is not None:
                self._abort(line, repr(error))
            raise BusUnavailableError from None

    async def check(self) -> None:
        """Ask a broker something; raises ``BusUnavailableError`` when none answers."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await (await self._connected_session()).check()
        except (TimeoutError, KafkaError):
            raise BusUnavailableError from None

    def enqueue(self, record: Record) -> None:
        """Send it when that is possible, after those enqueued before; dropped when the outage is long."""
        try:
            self._backlog.put_nowait(record)
        except asyncio.QueueFull:
            log.warning("Kafka is away for long: an event of %s, known to the store, was not announced", record.topic)

    async def keep_connected(self) -> None:
        """Connect, and connect again whenever the line is cut; runs until cancelled."""
        while True:
            self._session = line = await self._connect()
            self._is_connected.set()
            try:
                reason = await line.wait_aborted()
                log.warning("Kafka did not take an event in time (%s): connecting again", reason)
            finally:
                self._abort(line, "closed")
                await line.close()

    async def send_backlog(self) -> None:
        """Send what is enqueued, in order, without waiting for each acknowledgement; runs until cancelled."""
        while True:
            record = await self._backlog.get()
            line = await self._connected_session()
            # An event that gets lost here is one that the store knows, where its readers find it.
            with contextlib.suppress(TimeoutError, KafkaError):
                async with asyncio.timeout(SEND_SECONDS):
                    await line.enqueue(record)
            self._backlog.task_done()

    async def flush(self) -> None:
        """Wait a moment for what is enqueued, unless there is no connection."""
        line = self._session
        if line is not None:
            with contextlib.suppress(TimeoutError, KafkaError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self._backlog.join()
                    await line.flush()

    def _abort(self, line: ProducerSession, reason: str) -> None:
        if line is self._session:
            self._session = None
            self._is_connected.clear()
        line.abort(reason)

    async def _connected_session(self) -> ProducerSession:
        while self._session is None:
            await self._is_connected.wait()
        return self._session

    async def _connect(self) -> ProducerSession:
        attempt = 0
        while True:
            line = ProducerSession(self._bootstrap_servers)
            try:
                await line.start()
            except (TimeoutError, KafkaError) as error:
                if attempt == 0:
                    log.warning("Kafka at %s is unreachable (%r): retrying", self._bootstrap_servers, error)
            else:
                if attempt:
                    log.warning("Kafka at %s is there", self._bootstrap_servers)
                return line
            await asyncio.sleep(RECONNECT_SECONDS[min(attempt, len(RECONNECT_SECONDS) - 1)])
            attempt += 1


@asynccontextmanager
async def open_producer(bootstrap_servers: str) -> AsyncGenerator[Producer]:
    """A producer that connects in the background, now and after every outage."""
    producer = Producer(bootstrap_servers)
    tasks = [asyncio.create_task(producer.keep_connected()), asyncio.create_task(producer.send_backlog())]
    try:
        yield producer
    finally:
        await producer.flush()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
