"""Runs the workers: inside the web process while that is the whole site, as a process each otherwise."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

from streaming_app.backend.adapters.notify import showing_life
from streaming_app.backend.adapters.signals import told_to_stop
from streaming_app.backend.bootstrap import Backend, open_backend
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import SetupError
from streaming_app.backend.restarts import keep_running
from streaming_app.backend.workers import chat_archiver, reaper, recorder, thumbnails

log = logging.getLogger(__name__)

WORKERS: dict[str, Callable[[Backend], Awaitable[None]]] = {
    "chat-archiver": chat_archiver.run,
    "reaper": reaper.run,
    "recorder": recorder.run,
    "thumbnails": thumbnails.run,
}
"""By name. Each runs until it is cancelled, and ends what it has begun before it goes."""


@asynccontextmanager
async def run_embedded(backend: Backend) -> AsyncGenerator[None]:
    """Run all workers while the context is open, unless they are processes of their own: with Kafka they are."""
    if backend.settings.kafka_bootstrap_servers:
        yield
        return
    tasks = [
        asyncio.create_task(keep_running(f"The worker {name}", partial(run, backend))) for name, run in WORKERS.items()
    ]
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
    async with open_backend(settings) as backend, showing_life():
        log.info("The worker %s runs", name)
        task = asyncio.create_task(keep_running(f"The worker {name}", partial(WORKERS[name], backend)))
        await told.wait()
        log.info("The worker %s finishes what it has begun", name)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    log.info("The worker %s has ended", name)
