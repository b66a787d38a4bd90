"""Injected failures between any two steps of a use case. A step is a call of a port: a store, the bus or the ingest.

``for_each_fault`` runs a use case once for each of its steps and each ``Fault``, tries again as users do, and lets the
test check the result::

    async def prepare(faults: Faults) -> Room:
        return Room(faults.around(store), faults.around(bus, BusUnavailableError))

    await for_each_fault(prepare, act=lambda room: room.ban("ann"), check=is_banned_once)
"""

import inspect
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import StrEnum
from typing import Any, TypeVar, cast

from streaming_app.backend.errors import (
    BusUnavailableError,
    ConflictError,
    DomainError,
    ForbiddenError,
    NotFoundError,
    StoreUnavailableError,
    TakenError,
)

T = TypeVar("T")

NEVER_FAILS = frozenset({"announce"})
"""Methods that by contract never raise during an outage. Refused calls have no effect."""


class Fault(StrEnum):
    """A failure at one step."""

    REFUSED = "refused"
    """The call fails without an effect."""
    UNANSWERED = "unanswered"
    """The call takes effect, and then fails."""
    DEATH = "death"
    """The process dies before the call. Neither this call nor any later one takes place."""


class ProcessDiedError(BaseException):
    """Ends a use case like the death of its process: no ``except Exception`` catches it."""


class Faults:
    """Counts the calls of the ports that it wraps, and makes one call fail."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self._step: int | None = None
        self._fault = Fault.REFUSED

    def around(self, port: T, outage: type[Exception] = StoreUnavailableError) -> T:
        """Wrap a port, or a store whose attributes are ports. Each call of a coroutine method is a step."""
        return cast("T", _Port(self, port, outage))

    def fail_at(self, step: int, fault: Fault) -> None:
        """Make the call number ``step`` fail, counted from now on, starting at 0."""
        self.calls.clear()
        self._step, self._fault = step, fault

    def stop_failing(self) -> None:
        """Let all calls succeed again, because the outage is over or the process was restarted."""
        self._step = None

    async def call(self, name: str, outage: type[Exception], work: Callable[[], Awaitable[T]]) -> T | None:
        """Take one step: call ``work``, or fail."""
        here = len(self.calls)
        self.calls.append(name)
        if self._step is None or here < self._step:
            return await work()
        if self._fault is Fault.DEATH:
            raise ProcessDiedError
        if here > self._step:
            return await work()
        if self._fault is Fault.UNANSWERED:
            await work()
        if name in NEVER_FAILS:
            return None
        raise outage


class _Port:
    def __init__(self, faults: Faults, port: object, outage: type[Exception]) -> None:
        self._faults = faults
        self._port = port
        self._outage = outage

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if not callable(found):
            return _Port(self._faults, found, self._outage)
        if not inspect.iscoroutinefunction(found):
            return found

        async def step(*arguments: Any, **named: Any) -> Any:
            return await self._faults.call(name, self._outage, lambda: found(*arguments, **named))

        return step


async def for_each_fault(
    prepare: Callable[[Faults], Awaitable[T]],
    act: Callable[[T], Awaitable[object]],
    check: Callable[[T], Awaitable[None]],
    *,
    meanwhile: Callable[[T], Awaitable[None]] | None = None,
    restart: Callable[[T], None] | None = None,
    again: Callable[[T], Awaitable[object]] | None = None,
) -> None:
    """Make ``act`` fail at each of its steps in each way, and check the result.

    ``prepare`` creates a new world for each failure. After the failure, ``restart`` restarts the process if it died.
    ``meanwhile`` checks the state after the failure. ``again`` is the user's next attempt if the first one failed, by
    default ``act`` once more. The attempt may be refused, because the first one may have taken effect. ``check`` checks
    the final state.
    """
    faults = Faults()
    world = await prepare(faults)
    faults.calls.clear()
    await act(world)
    steps = list(faults.calls)
    await check(world)
    for step, name in enumerate(steps):
        for fault in Fault:
            world = await prepare(faults)
            try:
                faults.fail_at(step, fault)
                is_done = await _gets_through(act(world))
                faults.stop_failing()
                if fault is Fault.DEATH and restart:
                    restart(world)
                if meanwhile:
                    await meanwhile(world)
                if not is_done:
                    with suppress(ConflictError, ForbiddenError, NotFoundError, TakenError):
                        await (again or act)(world)
                await check(world)
            except (AssertionError, DomainError) as broken:
                broken.add_note(f"{fault} at step {step}, {name}, of {' '.join(steps)}")
                raise


async def _gets_through(attempt: Awaitable[object]) -> bool:
    try:
        await attempt
    except (ProcessDiedError, BusUnavailableError, StoreUnavailableError):
        return False
    return True
