"""One connection of the producer to Kafka. Aborting it discards the records that wait in it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, KafkaError
from aiokafka.producer.sender import Sender

REQUEST_MS = 1500
"""Time limit of one request. A slower broker gets the request again, and detects the duplicate."""
START_SECONDS = 4 * REQUEST_MS / 1000
"""Time limit of connecting, which takes four requests. With a shorter one, a slow broker would never be connected."""
RETRY_MS = 100
BATCH_BYTES = 256 * 1024
"""About 800 messages. With aiokafka's default of 16 KB, each small batch wakes everyone who waits for space in a batch:
5,000 concurrent senders did not finish in time."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record to write to a topic."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()


class ProducerSession:
    """A producer, and the senders that wait for its acknowledgements. It is started once and closed once."""

    def __init__(self, bootstrap_servers: str) -> None:
        self._producer = _AbortableProducer(bootstrap_servers)
        self._waiting: set[asyncio.Future[object]] = set()
        self._aborted: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def start(self) -> None:
        """Connect. On failure close the session and raise ``KafkaError`` or ``TimeoutError``."""
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._producer.start()
        except BaseException:
            await self.close()
            raise

    async def send(self, record: Record) -> None:
        """Return when the record is durable; raises ``KafkaError`` if Kafka rejects it or the session is aborted."""
        await (await self.enqueue(record))

    async def enqueue(self, record: Record) -> "asyncio.Future[object]":
        """Enqueue the record. The returned future completes when the record is durable; awaiting it is optional."""
        if self._aborted.done():
            raise _session_aborted()
        acknowledged: asyncio.Future[object] = await self._producer.send(
            record.topic, record.value, record.key, headers=list(record.headers)
        )
        self._waiting.add(acknowledged)
        acknowledged.add_done_callback(self._on_acknowledged)
        return acknowledged

    async def check(self) -> None:
        """Request the cluster's metadata; raises ``KafkaError`` if no broker answers."""
        await self._producer.client.fetch_all_metadata()

    async def flush(self) -> None:
        """Wait until all enqueued records are sent."""
        await self._producer.flush()

    def abort(self, reason: str) -> None:
        """Fail all waiting senders now. The owner closes the session afterwards."""
        if not self._aborted.done():
            self._aborted.set_result(reason)
            for acknowledged in list(self._waiting):
                if not acknowledged.done():
                    acknowledged.set_exception(_session_aborted())

    async def wait_aborted(self) -> str:
        """Wait until the session is aborted, and return the reason."""
        return await self._aborted

    async def close(self) -> None:
        """Abort the session and close its connections, without sending anything more."""
        self.abort("closed")
        await self._producer.abort()

    def _on_acknowledged(self, acknowledged: "asyncio.Future[object]") -> None:
        self._waiting.discard(acknowledged)
        if not acknowledged.cancelled():
            acknowledged.exception()  # retrieved, so that asyncio does not warn when nobody awaits the future


def _session_aborted() -> KafkaError:
    return KafkaConnectionError("the session was aborted")


class _AbortableProducer(AIOKafkaProducer):
    """A producer that can be closed without sending its queue.

    aiokafka's own ``stop`` waits until the queue is sent, and an idempotent producer never gives up: after an outage of
    minutes it would send records that their authors believe have failed.
    """

    def __init__(self, bootstrap_servers: str) -> None:
        super().__init__(
            bootstrap_servers=bootstrap_servers,
            acks="all",
            enable_idempotence=True,
            linger_ms=0,
            max_batch_size=BATCH_BYTES,
            request_timeout_ms=REQUEST_MS,
            retry_backoff_ms=RETRY_MS,
        )
        self._sender = _AbortableSender(
            self.client,
            acks=-1,
            txn_manager=self._txn_manager,
            message_accumulator=self._message_accumulator,
            retry_backoff_ms=RETRY_MS,
            request_timeout_ms=REQUEST_MS,
        )

    async def abort(self) -> None:
        self._closed = True
        await self._sender.abort()
        await self.client.close()


class _AbortableSender(Sender):
    """aiokafka's sender, extended to cancel its requests: without this, cancelling the sender waits for them."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._requests: set[asyncio.Task[Any]] = set()

    async def _send_produce_req(self, node_id: Any, batches: Any) -> None:
        request = asyncio.current_task()
        if request is not None:
            self._requests.add(request)
            request.add_done_callback(self._requests.discard)
        await super()._send_produce_req(node_id, batches)

    async def abort(self) -> None:
        tasks = [*self._requests, *([self.sender_task] if self.sender_task else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
