"""Turns of the pages' events: a burst of events does not delay everything else that the process does."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from heapq import heappop, heappush
from itertools import count

MEMORY_SECONDS = 10.0
"""How long the events of an address count at least. They count for up to twice as long."""


class EventTurns:
    """Lets events pass one by one, ``interval`` apart. An event that comes alone does not wait.

    The next event is that of the address with the fewest events in the last seconds, and of several such addresses that
    of the newest one. So a user who has just arrived does not wait for the events of hundreds of attackers.
    """

    def __init__(
        self,
        interval: timedelta,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._interval_seconds = interval.total_seconds()
        self._clock = clock
        self._sleep = sleep
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._arrivals = count()
        self._recent: Counter[str] = Counter()
        self._older: Counter[str] = Counter()
        self._next_period_at = 0.0
        self._next_at = 0.0
        self._pump: asyncio.Task[None] | None = None

    async def wait(self, address: str) -> None:
        """Return when an event from ``address`` may pass."""
        now = self._clock()
        if now >= self._next_period_at:
            self._older = self._recent if now < self._next_period_at + MEMORY_SECONDS else Counter()
            self._recent = Counter()
            self._next_period_at = now + MEMORY_SECONDS
        self._recent[address] += 1
        if not self._waiting and now >= self._next_at:
            self._next_at = now + self._interval_seconds
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (self._recent[address] + self._older[address], -next(self._arrivals), turn))
        if self._pump is None:
            self._pump = asyncio.create_task(self._let_pass())
        await turn

    async def _let_pass(self) -> None:
        while self._waiting:
            await self._sleep(max(0.0, self._next_at - self._clock()))
            while self._waiting:
                *_, turn = heappop(self._waiting)
                if not turn.done():  # its connection may have ended
                    turn.set_result(None)
                    self._next_at = self._clock() + self._interval_seconds
                    break
        self._pump = None
