"""Runs the workers: inside the web process while that is the whole site, as a process each otherwise."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from io import TextIOWrapper
from pathlib import Path

from streaming_app.backend.adapters.file_lock import LockedError, lock_file
from streaming_app.backend.adapters.sd_notify import notify_watchdog
from streaming_app.backend.adapters.signals import shutdown_event
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
ONE_FOR_EACH_INGEST = {"reaper", "recorder"}
"""Two of these would undo each other's work; a second one waits until the first has ended."""
LOCK_POLL_SECONDS = 1.0
LOCK_FILE = "web.pid"
"""In DATA_DIR: held by the one web process that is the whole site."""
PREDECESSOR_SECONDS = 5.0
"""How long a web process that is being replaced may take to let go of DATA_DIR."""


@asynccontextmanager
async def run_embedded(backend: Backend) -> AsyncGenerator[None]:
    """Run all workers while the context is open, unless they are processes of their own: with Kafka they are.

    Raises ``SetupError`` when another process does so in the same DATA_DIR.
    """
    if backend.settings.kafka_bootstrap_servers:
        yield
        return
    with await asyncio.to_thread(_lock_data_dir, backend.settings.data_dir):
        tasks = [
            asyncio.create_task(keep_running(f"The worker {name}", partial(run, backend)))
            for name, run in WORKERS.items()
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _run(name: str, backend: Backend) -> None:
    lock = await _wait_for_lock(name, backend.settings.data_dir) if name in ONE_FOR_EACH_INGEST else nullcontext()
    with lock:
        log.info("The worker %s runs", name)
        await keep_running(f"The worker {name}", partial(WORKERS[name], backend))


async def _wait_for_lock(name: str, data_dir: Path) -> TextIOWrapper:
    """The lock that makes this process the only such worker of the ingest whose DATA_DIR this is."""
    holder = ""
    while True:
        try:
            return lock_file(data_dir / f"{name}.pid", 0)
        except LockedError as taken:
            if taken.holder != holder:
                log.info("The worker %s already runs (process %s): this one waits", name, taken.holder)
            holder = taken.holder
        await asyncio.sleep(LOCK_POLL_SECONDS)


def _lock_data_dir(data_dir: Path) -> TextIOWrapper:
    """Raises ``SetupError`` when another web process has it: they would not hear each other's chat."""
    try:
        return lock_file(data_dir / LOCK_FILE, PREDECESSOR_SECONDS)
    except LockedError as taken:
        raise SetupError(
            f"Another web process ({taken.holder}) uses DATA_DIR {data_dir.resolve()}. Stop it, or set DATA_DIR to"
            " another folder: several web processes (GRANIAN_WORKERS) need KAFKA_BOOTSTRAP_SERVERS, MONGO_URL and"
            " REDIS_URL."
        ) from None


async def run_process(name: str, settings: Settings) -> None:
    """Be one worker until SIGTERM or SIGINT; raises ``SetupError``."""
    if not settings.kafka_bootstrap_servers:
        message = "Without KAFKA_BOOTSTRAP_SERVERS the workers run inside the web process: there is nothing to start."
        raise SetupError(message)
    told = shutdown_event()
    async with open_backend(settings) as backend, notify_watchdog():
        task = asyncio.create_task(_run(name, backend))
        await told.wait()
        log.info("The worker %s finishes what it has begun", name)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    log.info("The worker %s has ended", name)
