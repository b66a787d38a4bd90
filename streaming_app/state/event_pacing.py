"""Pacing of the pages' events: a burst of events does not delay everything else that the process does."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from heapq import heappop, heappush
from itertools import count


class EventPacer:
    """Lets events pass one by one, ``interval`` apart, in the order of their ranks.

    An event that comes alone does not wait.
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
        self._waiting: list[tuple[tuple[int, ...], int, asyncio.Future[None]]] = []
        self._arrivals = count()
        self._next_at = 0.0
        self._pump: asyncio.Task[None] | None = None

    async def wait(self, rank: tuple[int, ...]) -> None:
        """Return when the event may pass. Of those that wait, the one with the smallest ``rank`` passes next."""
        now = self._clock()
        if not self._waiting and now >= self._next_at:
            self._next_at = now + self._interval_seconds
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (rank, next(self._arrivals), turn))
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
