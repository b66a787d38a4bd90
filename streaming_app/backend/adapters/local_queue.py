"""The queue of one topic of the local bus, its durable groups and its subscribers."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from contextvars import Context
from dataclasses import dataclass, field

from streaming_app.backend.adapters.event_dispatch import call_handler, is_outage
from streaming_app.backend.bus import Delivery, Handler
from streaming_app.backend.events import Event

log = logging.getLogger(__name__)

PUBLISH_SECONDS = 2.0
"""A published event is refused if no durable handler has started on it within this time.

A handler that has started gets the same time again.
"""
RETRY_DELAYS_SECONDS = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8)
"""Delays before each call of a durable handler with one batch. Their sum is below ``PUBLISH_SECONDS``."""
BATCH_MAX = 500
"""Maximum number of events in one batch. A batch holds what was queued while the previous batch was handled."""
BACKLOG_MAX = 10_000
"""Maximum number of events that wait for a slow subscriber. Further ones push out the oldest."""


@dataclass(slots=True, eq=False)
class QueuedEvent:
    """An event in the queue of its topic."""

    event: Event
    request_id: str
    """Id of the request during which it was published; empty if there was none."""
    trace_parent: str
    """See ``Delivery``."""
    result: "asyncio.Future[bool] | None" = None
    """Of a published event: whether it is durable. Cancelled if the publisher stops waiting."""
    position: int = 0
    in_handler: bool = False
    """Whether a durable handler is working on it now."""

    @property
    def delivery(self) -> Delivery:
        return Delivery(self.event, self.position, self.request_id, self.trace_parent)

    @property
    def is_refused(self) -> bool:
        """Whether the publisher was told, or will be told, that the event was not accepted."""
        return self.result is not None and self.result.done()

    def settle(self, *, durable: bool) -> None:
        """Tell the publisher the result, if a publisher is waiting."""
        if self.result is not None and not self.result.done():
            self.result.set_result(durable)

    def refuse_unless_in_handler(self) -> None:
        """Refuse the event, unless a durable handler is about to decide about it."""
        if not self.in_handler:
            self.settle(durable=False)


@dataclass(slots=True, eq=False)
class TopicQueue:
    """The waiting events of one topic, and everyone who receives them."""

    waiting: deque[QueuedEvent] = field(default_factory=deque[QueuedEvent])
    groups: dict[str, deque[Handler]] = field(default_factory=dict[str, deque[Handler]])
    """The handlers of each durable group; they take turns."""
    subscribers: "list[LocalSubscriber]" = field(default_factory=list["LocalSubscriber"])
    """Subscribers without a group."""
    task: asyncio.Task[None] | None = None
    """Empties the queue; ``None`` while the queue is empty."""

    def next_batch(self) -> list[QueuedEvent]:
        """Take the oldest waiting events that were not refused; empty if there are none."""
        batch: list[QueuedEvent] = []
        while self.waiting and len(batch) < BATCH_MAX:
            queued = self.waiting.popleft()
            if not queued.is_refused:
                batch.append(queued)
        return batch


async def deliver_durably(queue: TopicQueue, batch: Sequence[QueuedEvent]) -> None:
    """Give ``batch`` to every durable group of the topic. Events that a group does not accept in time are refused."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + PUBLISH_SECONDS
    done: set[str] = set()
    for delay in RETRY_DELAYS_SECONDS:
        await asyncio.sleep(delay)
        accepted = [queued for queued in batch if not queued.is_refused]
        if not accepted or clock() > deadline:
            break
        groups = {group: handlers for group, handlers in queue.groups.items() if handlers}
        for group in groups.keys() - done:
            failure = await _call_group(groups[group], accepted)
            if failure is None:
                done.add(group)
            elif len(accepted) > 1 and not is_outage(failure):
                await _refuse_failing(groups[group], accepted)
                done.add(group)
        if done >= groups.keys() and (groups or all(queued.result is None for queued in accepted)):
            return
    log.error("No durable group accepted %d event(s) of %s", len(batch), batch[0].event.topic)
    for queued in batch:
        queued.settle(durable=False)


class LocalSubscriber:
    """A subscriber without a group. It receives events in order, at its own pace, and delays nobody else."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._backlog: deque[Delivery] = deque(maxlen=BACKLOG_MAX)
        self._missed = 0
        self._task: asyncio.Task[None] | None = None

    def enqueue(self, batch: Sequence[Delivery]) -> None:
        """Add events; the oldest waiting ones are dropped if there are too many."""
        self._missed += max(0, len(self._backlog) + len(batch) - BACKLOG_MAX)
        self._backlog.extend(batch)
        if self._task is None:
            self._task = asyncio.create_task(self._drain(), context=Context())  # not that of a request

    def close(self) -> None:
        """Drop waiting events and stop the handler."""
        self._backlog.clear()
        if self._task is not None:
            self._task.cancel()

    async def _drain(self) -> None:
        try:
            while self._backlog:
                if self._missed:
                    log.error("A subscriber was too slow and missed %d event(s)", self._missed)
                    self._missed = 0
                batch = list(self._backlog)
                self._backlog.clear()
                await call_handler(self._handler, batch)
        finally:
            self._task = None


async def _refuse_failing(handlers: deque[Handler], batch: Sequence[QueuedEvent]) -> None:
    """Call the group with one event at a time, and refuse only the events that it cannot handle."""
    for queued in batch:
        if await _call_group(handlers, [queued]) is not None:
            queued.settle(durable=False)


async def _call_group(handlers: deque[Handler], batch: Sequence[QueuedEvent]) -> BaseException | None:
    """Call the group's next handler. Return the exception that it raised, or ``None`` if it accepted ``batch``."""
    for queued in batch:
        queued.in_handler = True
    try:
        return await call_handler(_next_handler(handlers), [queued.delivery for queued in batch])
    finally:
        for queued in batch:
            queued.in_handler = False


def _next_handler(handlers: deque[Handler]) -> Handler:
    handlers.rotate(-1)
    return handlers[-1]
