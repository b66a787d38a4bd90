"""A bounded queue for password hashing. A hash takes 0.25 s of a core."""

import asyncio
from bisect import insort
from collections.abc import Callable
from concurrent.futures import Executor
from itertools import count
from typing import NamedTuple, TypeVar

from streaming_app.backend.accounts.sign_in_priority import SignInPriority
from streaming_app.backend.errors import BusyError

T = TypeVar("T")

WAITING_MAX = 20
"""Maximum number of waiting hashes."""


class _Place(NamedTuple):
    """A waiting request. The smallest one is the next, and a full queue drops the largest."""

    is_stranger: bool
    hashes: int
    """Recent hashes for its address, this one included."""
    is_registration: bool
    form: int
    """Smaller if the form is newer."""
    number: int
    turn: asyncio.Future[None]


class PasswordQueue:
    """Runs up to ``slots`` functions at a time in ``threads``; further ones wait, in the order of ``SignInPriority``.

    Of strangers whose addresses have had equally many hashes, sign-ins come before registrations. A full queue drops
    the request that would be the last; this may be the new one.
    """

    def __init__(
        self, slots: int, priority: SignInPriority, waiting_max: int = WAITING_MAX, threads: Executor | None = None
    ) -> None:
        self._free = slots
        self._priority = priority
        self._waiting_max = waiting_max
        self._threads = threads
        self._waiting: list[_Place] = []
        self._numbers = count()

    @property
    def waiting(self) -> int:
        """The number of waiting requests."""
        return len(self._waiting)

    async def run(
        self, work: Callable[[], T], address: str, *, is_known: bool = False, is_registration: bool = False
    ) -> T:
        """Run ``work`` in a thread and return its result; raises ``BusyError``. Cancelling leaves the queue."""
        is_stranger, hashes, form = self._priority.of_hash(address, is_known=is_known)
        if self._free:
            self._free -= 1
        else:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            await self._wait(_Place(is_stranger, hashes, is_registration, form, next(self._numbers), turn))
        running = asyncio.get_running_loop().run_in_executor(self._threads, work)
        # The thread continues when its request is cancelled.
        running.add_done_callback(lambda _: self._release())
        return await asyncio.shield(running)

    async def _wait(self, place: _Place) -> None:
        insort(self._waiting, place)
        if len(self._waiting) > self._waiting_max:
            self._waiting.pop().turn.set_exception(BusyError())
        try:
            await place.turn
        except BaseException:
            if place in self._waiting:
                self._waiting.remove(place)
            elif not place.turn.exception():
                self._release()  # cancelled in the moment in which it got its slot
            raise

    def _release(self) -> None:
        if self._waiting:
            self._waiting.pop(0).turn.set_result(None)
        else:
            self._free += 1
