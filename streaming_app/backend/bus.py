"""The port of the event bus. It is implemented on Kafka, and inside one process."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from streaming_app.backend.events import Event

FROM_NOW = timedelta(0)
_TIEBREAK_BITS = 20


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event and its position in the order of its channel."""

    event: Event
    position: int
    """See ``position_of``."""
    request_id: str = ""
    """Id of the request during which the event was published; empty if there was none."""
    trace_parent: str = ""
    """Span in which the event was published, in the form of W3C's header ``traceparent``; empty outside of a trace."""


Handler = Callable[[Sequence[Delivery]], Awaitable[None]]
"""Handles a batch of events, oldest first, never empty. A handler of a group gets the batch again if it raises."""


class Bus(Protocol):
    """Publishes events and delivers them to subscribers. Events with the same key keep their order."""

    async def publish(self, event: Event) -> None:
        """Publish ``event`` and return when it is stored durably.

        Raises ``BusUnavailableError`` if it is not stored within four seconds, or two on the local bus if no handler
        has begun to store it. The event may then be published again.
        """
        ...

    async def announce(self, event: Event) -> None:
        """Publish ``event`` without waiting. An outage may lose it, so its content must be in the store already."""
        ...

    async def check(self) -> None:
        """Raises ``BusUnavailableError`` if publishing a chat message would fail now."""
        ...

    def subscribe(
        self,
        topics: Collection[str],
        handler: Handler,
        *,
        group: str | None = None,
        back: timedelta = FROM_NOW,
    ) -> AbstractAsyncContextManager[None]:
        """Call ``handler`` with the events of ``topics`` while the context is open.

        Without a ``group``, the subscriber receives every event published from now on at most once, and before them
        the events of the last ``back`` that groups may not have handled yet. With a ``group``, the subscribers of the
        group share the events. The group continues where it stopped, and handles each event at least once.
        """
        ...


def position_of(appended_at: datetime, tiebreak: int) -> int:
    """Return an event's position in its channel: a rising number of 63 bits, which clients use as an opaque cursor.

    The upper bits are the time in ms, so that the order survives a change of the bus or a new topic. ``tiebreak``
    (Kafka's offset, or a counter) orders events of the same millisecond.
    """
    milliseconds = int(appended_at.timestamp() * 1000)
    return milliseconds << _TIEBREAK_BITS | tiebreak % (1 << _TIEBREAK_BITS)
