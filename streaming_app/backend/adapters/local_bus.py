"""An event bus inside one process: durable groups receive an event first, other subscribers after them."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import Context
from datetime import datetime, timedelta
from functools import partial

from streaming_app.backend.adapters.local_queue import (
    PUBLISH_SECONDS,
    LocalSubscriber,
    QueuedEvent,
    TopicQueue,
    deliver_durably,
)
from streaming_app.backend.adapters.metrics.operations import measured_bus
from streaming_app.backend.bus import FROM_NOW, Handler, position_of
from streaming_app.backend.errors import BusUnavailableError
from streaming_app.backend.events import CHAT_TOPIC, Event
from streaming_app.backend.request_ids import current_request_id
from streaming_app.backend.tracing import current_trace_parent, publication_span


class LocalBus:
    """Implements ``bus.Bus`` for a site that is one process.

    Each topic has a queue, which is handled one batch at a time. A batch gets positions, then the durable groups handle
    it, then subscribers without a group receive it and publishers get the result. The bus stores nothing itself, so a
    published event is refused if no durable group accepts it. Nobody receives a refused event afterwards.

    Positions continue above ``newest_position``, even if the wall clock was set back.
    """

    def __init__(self, now: Callable[[], datetime], newest_position: int = 0) -> None:
        self._now = now
        self._last_position = newest_position
        self._queues: dict[str, TopicQueue] = {}

    @measured_bus("publish")
    async def publish(self, event: Event) -> None:
        with publication_span(event.topic, type(event).__name__):
            await self._publish(event)

    async def _publish(self, event: Event) -> None:
        loop = asyncio.get_running_loop()
        result: asyncio.Future[bool] = loop.create_future()
        queued = QueuedEvent(event, current_request_id(), current_trace_parent(), result)
        self._enqueue(queued)
        timers = [loop.call_later(PUBLISH_SECONDS, queued.refuse_unless_in_handler)]
        timers.append(loop.call_later(2 * PUBLISH_SECONDS, partial(queued.settle, durable=False)))
        try:
            # The future is awaited directly, so that the sender continues before the event is sent to every viewer.
            durable = await result
        finally:
            for timer in timers:
                timer.cancel()
        if not durable:
            raise BusUnavailableError

    async def announce(self, event: Event) -> None:
        with publication_span(event.topic, type(event).__name__):
            self._enqueue(QueuedEvent(event, current_request_id(), current_trace_parent()))

    async def check(self) -> None:
        if not any(self._queue(CHAT_TOPIC).groups.values()):
            raise BusUnavailableError

    def subscribe(
        self,
        topics: Collection[str],
        handler: Handler,
        *,
        group: str | None = None,
        back: timedelta = FROM_NOW,  # noqa: ARG002 - groups of this bus are never behind
    ) -> AbstractAsyncContextManager[None]:
        return self._subscribe(topics, handler) if group is None else self._subscribe_group(topics, handler, group)

    @asynccontextmanager
    async def _subscribe(self, topics: Collection[str], handler: Handler) -> AsyncGenerator[None]:
        subscriber = LocalSubscriber(handler)
        queues = [self._queue(topic) for topic in topics]
        for queue in queues:
            queue.subscribers.append(subscriber)
        try:
            yield
        finally:
            for queue in queues:
                queue.subscribers.remove(subscriber)
            subscriber.close()

    @asynccontextmanager
    async def _subscribe_group(self, topics: Collection[str], handler: Handler, group: str) -> AsyncGenerator[None]:
        groups = [self._queue(topic).groups.setdefault(group, deque()) for topic in topics]
        for handlers in groups:
            handlers.append(handler)
        try:
            yield
        finally:
            for handlers in groups:
                handlers.remove(handler)

    def _queue(self, topic: str) -> TopicQueue:
        return self._queues.setdefault(topic, TopicQueue())

    def _enqueue(self, queued: QueuedEvent) -> None:
        queue = self._queue(queued.event.topic)
        queue.waiting.append(queued)
        if queue.task is None:
            queue.task = asyncio.create_task(self._drain(queue), context=Context())  # not that of a request

    async def _drain(self, queue: TopicQueue) -> None:
        try:
            while batch := queue.next_batch():
                await self._dispatch(queue, batch)
        finally:
            queue.task = None

    async def _dispatch(self, queue: TopicQueue, batch: list[QueuedEvent]) -> None:
        for queued in batch:
            queued.position = self._next_position()
        await deliver_durably(queue, batch)
        accepted = [queued.delivery for queued in batch if not queued.is_refused]
        if accepted:
            for subscriber in queue.subscribers:
                subscriber.enqueue(accepted)
        for queued in batch:
            queued.settle(durable=True)

    def _next_position(self) -> int:
        self._last_position = max(position_of(self._now(), 0), self._last_position + 1)
        return self._last_position
