"""The one policy for what must go on: whatever ends or fails is started again, after a pause that grows."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import NoReturn

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0
STEADY_SECONDS = 30.0
"""After running for so long it has recovered: the next pause is the first one again."""


class EndedError(Exception):
    """Raised by ``run`` to say in a few words how it ended: ``keep_running`` logs the words, without a traceback."""


async def keep_running(name: str, run: Callable[[], Awaitable[object]]) -> NoReturn:
    """Call ``run`` again whenever it returns or raises, until this task is cancelled. Each end is logged."""
    clock = asyncio.get_running_loop().time
    pause = FIRST_PAUSE_SECONDS
    while True:
        started = clock()
        await _log_end(name, run)
        pause = FIRST_PAUSE_SECONDS if clock() - started > STEADY_SECONDS else pause
        log.warning("%s starts again in %.1f s", name, pause)
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


async def _log_end(name: str, run: Callable[[], Awaitable[object]]) -> None:
    try:
        await run()
        log.error("%s ended unexpectedly", name)
    except EndedError as ended:
        log.error("%s %s", name, ended)  # noqa: TRY400 - the words say it all
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task and task.cancelling():
            raise
        log.error("%s ended: something that it waited for was cancelled", name)  # noqa: TRY400 - nobody's mistake
    except Exception:
        log.exception("%s failed", name)
