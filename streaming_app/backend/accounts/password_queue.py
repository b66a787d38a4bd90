"""A bounded queue for password hashing, fair between addresses. A hash takes 0.25 s of a core."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import TypeVar

from streaming_app.backend.errors import BusyError

T = TypeVar("T")

WAITING_MAX = 20
"""Maximum number of waiting hashes. With two slots, the last one waits about three seconds."""


class PasswordQueue:
    """Runs up to ``slots`` functions at a time in threads; further ones wait.

    Addresses take turns, and known browsers come before strangers. A full queue drops the newest request of the address
    that has the most waiting (of strangers first), or else rejects the new request.
    """

    def __init__(self, slots: int, waiting_max: int = WAITING_MAX) -> None:
        self._free = slots
        self._waiting_max = waiting_max
        self._known: _Queues = OrderedDict()
        self._strangers: _Queues = OrderedDict()

    @property
    def waiting(self) -> int:
        """The number of waiting requests."""
        return sum(len(line) for lines in (self._known, self._strangers) for line in lines.values())

    async def run(self, work: Callable[[], T], address: str, *, is_known: bool = False) -> T:
        """Run ``work`` in a thread and return its result; raises ``BusyError``. Cancelling leaves the queue."""
        await self._acquire(address, self._known if is_known else self._strangers)
        running = asyncio.get_running_loop().run_in_executor(None, work)
        running.add_done_callback(lambda _: self._release())  # the thread continues when its request is cancelled
        return await asyncio.shield(running)

    async def _acquire(self, address: str, lines: "_Queues") -> None:
        if self._free:
            self._free -= 1
            return
        if self.waiting >= self._waiting_max:
            self._evict(address, lines)
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        lines.setdefault(address, deque()).append(place)
        try:
            await place
        except BaseException:
            if not _remove(lines, address, place) and not place.exception():
                self._release()  # cancelled in the moment in which it got its slot
            raise

    def _release(self) -> None:
        lines = self._known or self._strangers
        if not lines:
            self._free += 1
            return
        address, line = lines.popitem(last=False)
        place = line.popleft()
        if line:
            lines[address] = line
        place.set_result(None)

    def _evict(self, address: str, lines: "_Queues") -> None:
        """Drop a waiting request if that is fair; otherwise raise ``BusyError`` for the new one."""
        crowded = self._strangers or self._known
        longest = max(crowded, key=lambda waiting: len(crowded[waiting]))
        mine = len(lines.get(address, ()))
        if crowded is self._known is not lines or (crowded is lines and len(crowded[longest]) <= mine + 1):
            raise BusyError
        place = crowded[longest][-1]
        _remove(crowded, longest, place)
        place.set_exception(BusyError())


_Queues = OrderedDict[str, deque[asyncio.Future[None]]]
"""Waiting requests by address. The first address gets the next slot."""


def _remove(lines: _Queues, address: str, place: asyncio.Future[None]) -> bool:
    """Remove ``place`` from its queue, and return whether it was there."""
    line = lines.get(address)
    if not line or place not in line:
        return False
    line.remove(place)
    if not line:
        del lines[address]
    return True
