"""Background tasks that keep an action running, and waiting with a limit while a task is being cancelled."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, NoReturn, TypeVar

from streaming_app.backend.failure_logging import log_failure, outage_of
from streaming_app.backend.periodic import failure_of

log = logging.getLogger(__name__)

T = TypeVar("T")

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0
STEADY_SECONDS = 30.0
"""An action that ran longer than this has recovered: the next pause is ``FIRST_PAUSE_SECONDS`` again.

An outage after that is logged again.
"""


class EndedError(Exception):
    """Raised by an action of ``keep_running`` to report how it ended.

    The message continues a sentence that begins with the action's name, such as "ended with 1". It is logged without a
    traceback.
    """


class OutageError(EndedError):
    """Raised by an action of ``keep_running`` when a server that it needs does not answer.

    Only the first of several equal messages is logged, so that an outage does not fill the log.
    """


async def keep_running(
    name: str, action: Callable[[], Awaitable[object]], longest_pause_seconds: float = LONGEST_PAUSE_SECONDS
) -> NoReturn:
    """Call ``action`` again whenever it returns or raises, until this task is cancelled.

    The pause before a restart doubles from ``FIRST_PAUSE_SECONDS`` to ``longest_pause_seconds``. Each end is logged.
    """
    clock = asyncio.get_running_loop().time
    pause = FIRST_PAUSE_SECONDS
    last_outage = ""
    while True:
        started = clock()
        outage = await _run_once(name, action)
        if clock() - started > STEADY_SECONDS:
            pause, last_outage = FIRST_PAUSE_SECONDS, ""
        if not outage:
            log.warning("%s starts again in %.1f s", name, pause)
        elif outage != last_outage:
            log.warning("%s %s; trying again until it answers", name, outage)
        last_outage = outage
        await asyncio.sleep(pause)
        pause = min(pause * 2, longest_pause_seconds)


@asynccontextmanager
async def in_background(work: Coroutine[Any, Any, T]) -> AsyncGenerator[asyncio.Task[T]]:
    """Run ``work`` in a task while the context is open. On exit, cancel the task and wait until it has ended."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


async def finished_within(seconds: float, work: Coroutine[Any, Any, object]) -> bool:
    """Run ``work`` for up to ``seconds``, then cancel it. Returns whether it has finished; raises what it raises.

    Use this to clean up. In a task that is being cancelled, ``asyncio.timeout`` of Python 3.11.2, which Debian 12 has,
    raises ``CancelledError`` instead of ``TimeoutError``, and the rest of the cleanup would be skipped.
    """
    task = asyncio.create_task(work)
    await asyncio.wait([task], timeout=seconds)
    if task.done():
        task.result()
        return True
    task.cancel()
    await asyncio.wait([task])
    return False


async def _run_once(name: str, action: Callable[[], Awaitable[object]]) -> str:
    """Return what an outage is called. Log every other end and return an empty string."""
    match await failure_of(action):
        case None:
            log.error("%s ended unexpectedly", name)
        case OutageError() as outage:
            return str(outage)
        case EndedError() as ended:
            log.error("%s %s", name, ended)
        case asyncio.CancelledError():
            log.error("%s ended: a task that it waited for was cancelled", name)
        case failure if outage := outage_of(failure):
            return f"failed: {outage}"
        case failure:
            log_failure(log, failure, "%s failed", name)
    return ""
