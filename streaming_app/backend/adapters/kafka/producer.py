"""Sends records to Kafka. A record is acknowledged by every in-sync replica within a time limit, or never sent."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError

from streaming_app.backend.adapters.kafka.causes import cause_of
from streaming_app.backend.adapters.kafka.producer_session import ProducerSession, Record
from streaming_app.backend.background_tasks import EndedError, OutageError, finished_within, in_background, keep_running
from streaming_app.backend.errors import BusUnavailableError

log = logging.getLogger(__name__)

CONNECT_SECONDS = 2.0
"""How long ``Bus.publish`` waits for a connection."""
ACKNOWLEDGE_SECONDS = 2.0
"""How long it then waits for the acknowledgement.

The limits are separate: if the wait for a connection shortened the wait for the acknowledgement, the first of many that
wait during an outage would reach its limit just after the connection, and abort the new session for all.
"""
CLOSE_SECONDS = 1.0
"""When the process ends, how long to wait until the backlog is sent."""
BACKLOG_MAX = 10_000
"""Maximum number of announced records that are kept during an outage."""
LONGEST_PAUSE_SECONDS = 0.5
"""Longest pause between two attempts to connect."""


class Producer:
    """Sends records through one ``ProducerSession`` at a time. Create it with ``open_producer``."""

    def __init__(self, bootstrap_servers: str) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._session: ProducerSession | None = None
        self._is_connected = asyncio.Event()
        self._backlog: asyncio.Queue[Record] = asyncio.Queue(BACKLOG_MAX)

    async def send(self, record: Record) -> None:
        """Return when the record is durable.

        Raises ``BusUnavailableError`` if there is no connection within ``CONNECT_SECONDS``, or then no acknowledgement
        within ``ACKNOWLEDGE_SECONDS``.

        A record that was not acknowledged in time must not appear in Kafka later, because its author may have sent it
        again. So the session is aborted, with all records that wait in it. Only requests already sent, one for
        each broker, remain uncertain: Kafka may have stored their records or not.
        """
        session = await self._session_in_time()
        try:
            async with asyncio.timeout(ACKNOWLEDGE_SECONDS):
                await session.send(record)
        except UnknownTopicOrPartitionError:
            message = "Kafka has no topic %s: run `python -m streaming_app.backend topics`"
            log.error(message, record.topic)  # noqa: TRY400 - the message says what to do
            raise BusUnavailableError from None
        except (TimeoutError, KafkaError) as error:
            self._abort(session, cause_of(error))
            raise BusUnavailableError from None

    async def check(self) -> None:
        """Send a request to a broker; raises ``BusUnavailableError`` if none answers, within the same limits."""
        session = await self._session_in_time()
        try:
            async with asyncio.timeout(ACKNOWLEDGE_SECONDS):
                await session.check()
        except (TimeoutError, KafkaError):
            raise BusUnavailableError from None

    def enqueue(self, record: Record) -> None:
        """Send the record when possible, after those enqueued before it. If the backlog is full, drop the record."""
        try:
            self._backlog.put_nowait(record)
        except asyncio.QueueFull:
            log.warning("Kafka is down for too long: an event of %s, already in the store, is dropped", record.topic)

    async def run_session(self) -> None:
        """Connect, and keep the session open until it is aborted; raises ``EndedError`` then.

        Raises ``OutageError`` if Kafka cannot be reached. Run it with ``keep_running``.
        """
        session = ProducerSession(self._bootstrap_servers)
        try:
            await session.start()
        except (TimeoutError, KafkaError) as error:
            raise OutageError(f"cannot reach Kafka at {self._bootstrap_servers} ({cause_of(error)})") from error
        self._session = session
        self._is_connected.set()
        log.info("Connected to Kafka at %s", self._bootstrap_servers)
        try:
            reason = await session.wait_aborted()
            raise EndedError(f"closed its connection: Kafka did not accept an event in time ({reason})")
        finally:
            self._abort(session, "closed")
            await session.close()

    async def send_backlog(self) -> None:
        """Send the backlog in order, without waiting for each acknowledgement. Runs until cancelled."""
        while True:
            record = await self._backlog.get()
            session = await self._wait_for_session()
            # A lost record does no lasting harm: its event is in the store, and readers of the store find it.
            with contextlib.suppress(TimeoutError, KafkaError):
                async with asyncio.timeout(ACKNOWLEDGE_SECONDS):
                    await session.enqueue(record)
            self._backlog.task_done()

    async def flush(self) -> None:
        """Wait up to ``CLOSE_SECONDS`` until the backlog is sent. Without a connection, return immediately."""
        session = self._session
        if session is not None:
            with contextlib.suppress(KafkaError):
                await finished_within(CLOSE_SECONDS, self._send_rest(session))

    async def _send_rest(self, session: ProducerSession) -> None:
        await self._backlog.join()
        await session.flush()

    def _abort(self, session: ProducerSession, reason: str) -> None:
        if session is self._session:
            self._session = None
            self._is_connected.clear()
        session.abort(reason)

    async def _session_in_time(self) -> ProducerSession:
        """Return the session; raises ``BusUnavailableError`` after ``CONNECT_SECONDS``."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return await self._wait_for_session()
        except TimeoutError:
            raise BusUnavailableError from None

    async def _wait_for_session(self) -> ProducerSession:
        """Return the session, as soon as there is one."""
        while self._session is None:
            await self._is_connected.wait()
        return self._session


@asynccontextmanager
async def open_producer(bootstrap_servers: str) -> AsyncGenerator[Producer]:
    """Open a producer that connects in the background, and reconnects after every outage."""
    producer = Producer(bootstrap_servers)
    keep = partial(keep_running, longest_pause_seconds=LONGEST_PAUSE_SECONDS)
    async with (
        in_background(keep("The Kafka producer", producer.run_session)),
        in_background(keep("The sender of announcements", producer.send_backlog)),
    ):
        try:
            yield producer
        finally:
            await producer.flush()
