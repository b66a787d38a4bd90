"""The bus inside one process: durable handlers first, then everyone else."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from streaming_app.backend.adapters.handlers import failure_of, is_outage, took
from streaming_app.backend.bus import FROM_NOW, Delivery, Handler, position_of
from streaming_app.backend.errors import BusUnavailableError
from streaming_app.backend.events import CHAT_TOPIC, Event

log = logging.getLogger(__name__)

PUBLISH_SECONDS = 2.0
"""An event that no handler has begun to take by then is refused. One that is being taken has as long again."""
RETRY_DELAYS_SECONDS = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8)
"""Before each call of a durable handler with one batch; together less than ``PUBLISH_SECONDS``."""
BATCH_MAX = 500
"""Events that a durable handler gets at once: as many as were said while it was busy with the batch before."""
BACKLOG_MAX = 10_000
"""Events that wait for one slow follower before it begins to miss the oldest."""


class LocalBus:
    """Implements ``bus.Bus`` where one process is the whole site.

    Each topic has a lane that one batch at a time goes through: positions are given out, the durable groups take it,
    the followers are told, the publishers hear that it is done. Nothing outlives the process but what a durable handler
    kept; so an event that must last and finds no group on its topic is refused, never lost. A refused event is not
    handed to anyone afterwards.

    Positions rise above ``newest_position``, whatever the wall clock says.
    """

    def __init__(self, now: Callable[[], datetime], newest_position: int = 0) -> None:
        self._now = now
        self._last_position = newest_position
        self._lanes: dict[str, _Lane] = {}

    async def publish(self, event: Event) -> None:
        loop = asyncio.get_running_loop()
        said: asyncio.Future[bool] = loop.create_future()
        entry = _Entry(event, said)
        self._enter(entry)
        limits = [loop.call_later(PUBLISH_SECONDS, entry.refuse_unless_being_kept)]
        limits.append(loop.call_later(2 * PUBLISH_SECONDS, partial(entry.settle, durable=False)))
        try:
            # Waited for itself, so that its sender hears before the event is handed to every viewer.
            durable = await said
        finally:
            for limit in limits:
                limit.cancel()
        if not durable:
            raise BusUnavailableError

    async def announce(self, event: Event) -> None:
        self._enter(_Entry(event))

    async def check(self) -> None:
        if not any(self._lane(CHAT_TOPIC).groups.values()):
            raise BusUnavailableError

    def subscribe(
        self,
        topics: Collection[str],
        handler: Handler,
        *,
        group: str | None = None,
        back: timedelta = FROM_NOW,  # noqa: ARG002 - no group is behind here
    ) -> AbstractAsyncContextManager[None]:
        return self._follow(topics, handler) if group is None else self._join(topics, handler, group)

    @asynccontextmanager
    async def _follow(self, topics: Collection[str], handler: Handler) -> AsyncGenerator[None]:
        follower = _Follower(handler)
        lanes = [self._lane(topic) for topic in topics]
        for lane in lanes:
            lane.followers.append(follower)
        try:
            yield
        finally:
            for lane in lanes:
                lane.followers.remove(follower)
            follower.close()

    @asynccontextmanager
    async def _join(self, topics: Collection[str], handler: Handler, group: str) -> AsyncGenerator[None]:
        members = [self._lane(topic).groups.setdefault(group, deque()) for topic in topics]
        for handlers in members:
            handlers.append(handler)
        try:
            yield
        finally:
            for handlers in members:
                handlers.remove(handler)

    def _lane(self, topic: str) -> "_Lane":
        return self._lanes.setdefault(topic, _Lane())

    def _enter(self, entry: "_Entry") -> None:
        lane = self._lane(entry.event.topic)
        lane.waiting.append(entry)
        if lane.busy is None:
            lane.busy = asyncio.create_task(self._empty(lane))

    async def _empty(self, lane: "_Lane") -> None:
        try:
            while batch := lane.next_batch():
                await self._say(lane, batch)
        finally:
            lane.busy = None

    async def _say(self, lane: "_Lane", batch: "list[_Entry]") -> None:
        for entry in batch:
            entry.position = self._next_position()
        await _keep(lane, batch)
        heard = [entry.delivery for entry in batch if not entry.is_refused]
        if heard:
            for follower in lane.followers:
                follower.tell(heard)
        for entry in batch:
            entry.settle(durable=True)

    def _next_position(self) -> int:
        self._last_position = max(position_of(self._now(), 0), self._last_position + 1)
        return self._last_position


@dataclass(slots=True, eq=False)
class _Entry:
    """An event on its way through its lane."""

    event: Event
    said: "asyncio.Future[bool] | None" = None
    """Of a published event: whether it lasts. Cancelled when its publisher gives up."""
    position: int = 0
    is_being_kept: bool = False
    """Whether a durable handler is at work on it now."""

    @property
    def delivery(self) -> Delivery:
        return Delivery(self.event, self.position)

    @property
    def is_refused(self) -> bool:
        """Whether its publisher was told that it does not last, or will be."""
        return self.said is not None and self.said.done()

    def settle(self, *, durable: bool) -> None:
        """Tell the publisher, if one waits."""
        if self.said is not None and not self.said.done():
            self.said.set_result(durable)

    def refuse_unless_being_kept(self) -> None:
        """Tell the publisher that it does not last, unless what becomes of it is about to be known."""
        if not self.is_being_kept:
            self.settle(durable=False)


@dataclass(slots=True, eq=False)
class _Lane:
    """One topic: what was said and waits its turn, and who hears it."""

    waiting: deque[_Entry] = field(default_factory=deque[_Entry])
    groups: dict[str, deque[Handler]] = field(default_factory=dict[str, deque[Handler]])
    followers: "list[_Follower]" = field(default_factory=list["_Follower"])
    busy: asyncio.Task[None] | None = None

    def next_batch(self) -> list[_Entry]:
        """The oldest waiting entries whose publishers have not given up; empty when there are none."""
        batch: list[_Entry] = []
        while self.waiting and len(batch) < BATCH_MAX:
            entry = self.waiting.popleft()
            if not entry.is_refused:
                batch.append(entry)
        return batch


async def _keep(lane: _Lane, batch: Sequence[_Entry]) -> None:
    """Hand ``batch`` to every durable group; what they do not take, or nobody waits for any more, becomes refused."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + PUBLISH_SECONDS
    done: set[str] = set()
    for delay in RETRY_DELAYS_SECONDS:
        await asyncio.sleep(delay)
        wanted = [entry for entry in batch if not entry.is_refused]
        if not wanted or clock() > deadline:
            break
        groups = {group: handlers for group, handlers in lane.groups.items() if handlers}
        for group in groups.keys() - done:
            failure = await _failure_of(groups[group], wanted)
            if failure is None:
                done.add(group)
            elif len(wanted) > 1 and not is_outage(failure):
                await _refuse_broken(groups[group], wanted)
                done.add(group)
        if done >= groups.keys() and (groups or all(entry.said is None for entry in wanted)):
            return
    log.error("%d event(s) of %s were not kept by any durable group", len(batch), batch[0].event.topic)
    for entry in batch:
        entry.settle(durable=False)


async def _refuse_broken(handlers: deque[Handler], batch: Sequence[_Entry]) -> None:
    """Hand over each entry by itself, so that only those are refused that the group cannot take."""
    for entry in batch:
        if await _failure_of(handlers, [entry]) is not None:
            entry.settle(durable=False)


async def _failure_of(handlers: deque[Handler], batch: Sequence[_Entry]) -> BaseException | None:
    """What the next member of a group raised; ``None`` when it took ``batch``."""
    for entry in batch:
        entry.is_being_kept = True
    try:
        return await failure_of(_next_member(handlers), [entry.delivery for entry in batch])
    finally:
        for entry in batch:
            entry.is_being_kept = False


def _next_member(handlers: deque[Handler]) -> Handler:
    handlers.rotate(-1)
    return handlers[-1]


class _Follower:
    """One subscriber without a group: hears in order, at its own pace, and holds nobody up."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._backlog: deque[Delivery] = deque(maxlen=BACKLOG_MAX)
        self._missed = 0
        self._busy: asyncio.Task[None] | None = None

    def tell(self, batch: Sequence[Delivery]) -> None:
        """Hand over what was said."""
        self._missed += max(0, len(self._backlog) + len(batch) - BACKLOG_MAX)
        self._backlog.extend(batch)
        if self._busy is None:
            self._busy = asyncio.create_task(self._catch_up())

    def close(self) -> None:
        """Say nothing more to it."""
        self._backlog.clear()
        if self._busy is not None:
            self._busy.cancel()

    async def _catch_up(self) -> None:
        try:
            while self._backlog:
                if self._missed:
                    log.error("A follower was too slow and missed %d event(s)", self._missed)
                    self._missed = 0
                batch = list(self._backlog)
                self._backlog.clear()
                await took(self._handler, batch)
        finally:
            self._busy = None
