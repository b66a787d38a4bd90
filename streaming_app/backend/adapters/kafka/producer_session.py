"""One connection of a producer to Kafka, which can be cut: what waits in it is then never sent."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, KafkaError
from aiokafka.producer.sender import Sender

REQUEST_MS = 1500
"""The broker's time for one request; a broker that is slower is asked again, and recognises what it has already."""
RETRY_MS = 100
BATCH_BYTES = 256 * 1024
"""Some 800 messages. With aiokafka's 16 KB everyone who waits for a batch with room is woken at each small batch: 5,000
who write at once are not done in time."""


@dataclass(frozen=True, slots=True)
class Record:
    """What goes into a topic."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()


class ProducerSession:
    """A producer and those who wait for its acknowledgements. Started once, cut or abandoned once."""

    def __init__(self, bootstrap_servers: str) -> None:
        self._producer = _AbortableProducer(bootstrap_servers)
        self._waiting: set[asyncio.Future[object]] = set()
        self._aborted: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def start(self) -> None:
        """Connect; raises ``KafkaError`` or ``TimeoutError``, and is abandoned then."""
        try:
            async with asyncio.timeout(REQUEST_MS / 1000):
                await self._producer.start()
        except BaseException:
            await self.close()
            raise

    async def send(self, record: Record) -> None:
        """Return when the record is durable; raises ``KafkaError`` when it is refused, or the line is cut."""
        await (await self.enqueue(record))

    async def enqueue(self, record: Record) -> "asyncio.Future[object]":
        """Put the record in the queue; the result says when it is durable, and need not be waited for."""
        if self._aborted.done():
            raise _session_aborted()
        acknowledged: asyncio.Future[object] = await self._producer.send(
            record.topic, record.value, record.key, headers=list(record.headers)
        )
        self._waiting.add(acknowledged)
        acknowledged.add_done_callback(self._on_acknowledged)
        return acknowledged

    async def check(self) -> None:
        """Ask a broker for the cluster's metadata; raises ``KafkaError`` when none answers."""
        await self._producer.client.fetch_all_metadata()

    async def flush(self) -> None:
        """Wait until all that is in the queue has been sent."""
        await self._producer.flush()

    def abort(self, reason: str) -> None:
        """Declare it over: all who wait hear so now, and its owner abandons it."""
        if not self._aborted.done():
            self._aborted.set_result(reason)
            for acknowledged in list(self._waiting):
                if not acknowledged.done():
                    acknowledged.set_exception(_session_aborted())

    async def wait_aborted(self) -> str:
        """The reason."""
        return await self._aborted

    async def close(self) -> None:
        """Send nothing more; close every connection."""
        self.abort("closed")
        await self._producer.abandon()

    def _on_acknowledged(self, acknowledged: "asyncio.Future[object]") -> None:
        self._waiting.discard(acknowledged)
        if not acknowledged.cancelled():
            acknowledged.exception()  # looked at, also where nobody waits


def _session_aborted() -> KafkaError:
    return KafkaConnectionError("the line was cut")


class _AbortableProducer(AIOKafkaProducer):
    """A producer that can be thrown away at once.

    aiokafka's own ``stop`` waits until everything in the queue has been sent, and an idempotent producer never gives up
    on that: after an outage of minutes it would say what people were told had failed.
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

    async def abandon(self) -> None:
        self._closed = True
        await self._sender.abandon()
        await self.client.close()


class _AbortableSender(Sender):
    """aiokafka's sending loop, which remembers its requests: cancelling only the loop would wait for them."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._requests: set[asyncio.Task[Any]] = set()

    async def _send_produce_req(self, node_id: Any, batches: Any) -> None:
        request = asyncio.current_task()
        if request is not None:
            self._requests.add(request)
            request.add_done_callback(self._requests.discard)
        await super()._send_produce_req(node_id, batches)

    async def abandon(self) -> None:
        tasks = [*self._requests, *([self.sender_task] if self.sender_task else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
