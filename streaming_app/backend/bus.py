"""How processes hear each other: the port in front of Kafka and of the bus inside one process."""

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
    """An event and where it stands in its channel's order."""

    event: Event
    position: int
    """See ``position_of``."""


Handler = Callable[[Sequence[Delivery]], Awaitable[None]]
"""Takes a batch, oldest first, never empty. A durable handler that raises gets the same batch again."""


class Bus(Protocol):
    """Says events and hears them. Events with one key arrive in the order in which they were said."""

    async def publish(self, event: Event) -> None:
        """Say ``event`` and return when the bus holds it durably.

        Raises ``BusUnavailableError`` when that cannot be had, after two seconds, or four while a handler keeps it:
        the event may then be said again.
        """
        ...

    async def announce(self, event: Event) -> None:
        """Say ``event``, whose truth the store already holds: never raises, and does not wait for an outage to end."""
        ...

    async def check(self) -> None:
        """Raises ``BusUnavailableError`` when a chat message that is published now would be refused."""
        ...

    def subscribe(
        self,
        topics: Collection[str],
        handler: Handler,
        *,
        group: str | None = None,
        back: timedelta = FROM_NOW,
    ) -> AbstractAsyncContextManager[None]:
        """Hear ``topics`` while the context is open; once it is entered, nothing that is said later is missed.

        Without a ``group`` every subscriber hears every event said from now on, at most once, and before them those
        said up to ``back`` ago that a group may still be busy with. The members of a group share the events, durably:
        each is handled at least once, from where the group left off.
        """
        ...


def position_of(appended_at: datetime, tiebreak: int) -> int:
    """An event's place in its channel: rising, 63 bits, an opaque cursor to everyone else.

    The instant leads, so that order outlives a change of bus or a recreated topic; ``tiebreak`` (Kafka's offset, a
    counter in one process) orders what the bus took in the same millisecond.
    """
    milliseconds = int(appended_at.timestamp() * 1000)
    return milliseconds << _TIEBREAK_BITS | tiebreak % (1 << _TIEBREAK_BITS)
