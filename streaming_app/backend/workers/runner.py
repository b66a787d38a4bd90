"""Runs the workers: inside the web process while that is the whole site, as a process each otherwise."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import NoReturn

from streaming_app.backend.adapters.signals import told_to_stop
from streaming_app.backend.bootstrap import Backend, open_backend
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import SetupError
from streaming_app.backend.workers import chat_archiver, reaper, recorder, thumbnails

log = logging.getLogger(__name__)

WORKERS: dict[str, Callable[[Backend], Awaitable[None]]] = {
    "chat-archiver": chat_archiver.run,
    "reaper": reaper.run,
    "recorder": recorder.run,
    "thumbnails": thumbnails.run,
}
"""By name. Each runs until it is cancelled, and ends what it has begun before it goes."""

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0
STEADY_SECONDS = 30.0
"""A worker that ran for so long has recovered: the next pause is the first one again."""


@asynccontextmanager
async def run_embedded(backend: Backend) -> AsyncGenerator[None]:
    """Run all workers while the context is open, unless they are processes of their own: with Kafka they are."""
    if backend.settings.kafka_bootstrap_servers:
        yield
        return
    tasks = [asyncio.create_task(keep_running(name, partial(run, backend))) for name, run in WORKERS.items()]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def run_process(name: str, settings: Settings) -> None:
    """Be one worker until SIGTERM or SIGINT; raises ``SetupError``."""
    if not settings.kafka_bootstrap_servers:
        message = "Without KAFKA_BOOTSTRAP_SERVERS the workers run inside the web process: there is nothing to start."
        raise SetupError(message)
    told = told_to_stop()
    async with open_backend(settings) as backend:
        log.info("The worker %s runs", name)
        task = asyncio.create_task(keep_running(name, partial(WORKERS[name], backend)))
        await told.wait()
        log.info("The worker %s finishes what it has begun", name)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    log.info("The worker %s has ended", name)


async def keep_running(name: str, run: Callable[[], Awaitable[None]]) -> NoReturn:
    """Call ``run`` again whenever it ends or fails, sooner or later; until cancelled."""
    clock = asyncio.get_running_loop().time
    pause = FIRST_PAUSE_SECONDS
    while True:
        started = clock()
        try:
            await run()
            log.error("The worker %s ended by itself", name)
        except Exception:
            log.exception("The worker %s failed", name)
        pause = FIRST_PAUSE_SECONDS if clock() - started > STEADY_SECONDS else pause
        log.warning("The worker %s starts again in %.1f s", name, pause)
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
