"""Runs the workers: as tasks of the web process without Kafka, as one process for each worker with Kafka."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from functools import partial
from io import TextIOWrapper
from pathlib import Path

from streaming_app.backend.adapters.file_lock import WEB_LOCK, LockedError, lock_file, wait_for_lock
from streaming_app.backend.adapters.log_publishing import publishing_log
from streaming_app.backend.adapters.logging_setup import name_process
from streaming_app.backend.adapters.metrics.definitions import BACKEND
from streaming_app.backend.adapters.metrics.endpoint import serving_metrics
from streaming_app.backend.adapters.process_signals import shutdown_event
from streaming_app.backend.adapters.sd_notify import notify_watchdog
from streaming_app.backend.adapters.traces.exporting import exporting_traces
from streaming_app.backend.background_tasks import in_background, keep_running
from streaming_app.backend.bootstrap import Backend, open_backend
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import SetupError
from streaming_app.backend.workers.worker_list import WORKERS, Worker, worker_named

log = logging.getLogger(__name__)

PREDECESSOR_SECONDS = 5.0
"""How long to wait for the previous web process to release DATA_DIR."""


@asynccontextmanager
async def run_embedded(backend: Backend) -> AsyncGenerator[None]:
    """Run all workers as tasks while the context is open. With Kafka do nothing, because workers are processes then.

    Raises ``SetupError`` if another process runs the workers of the same DATA_DIR.
    """
    if backend.settings.kafka_bootstrap_servers:
        yield
        return
    with await asyncio.to_thread(_lock_data_dir, backend.settings.data_dir):
        async with AsyncExitStack() as stack:
            for worker in (each for each in WORKERS if not each.needs_kafka):
                await stack.enter_async_context(in_background(_keep_working(worker, backend)))
            yield


async def run_process(name: str, settings: Settings) -> None:
    """Run one worker until SIGTERM or SIGINT. Raises ``SetupError``."""
    if not settings.kafka_bootstrap_servers:
        message = "Without KAFKA_BOOTSTRAP_SERVERS the workers run inside the web process: there is nothing to start."
        raise SetupError(message)
    name_process(name, settings)
    shutdown = shutdown_event()
    async with (
        serving_metrics(settings, name, *BACKEND),
        exporting_traces(settings, f"worker.{name}"),
        open_backend(settings) as backend,
        publishing_log(name, settings, backend.bus),
        notify_watchdog(),
        in_background(_run_alone(worker_named(name), backend)) as running,
        in_background(shutdown.wait()) as stopping,
    ):
        await asyncio.wait([running, stopping], return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await running  # it has failed
        log.info("The worker %s completes its current work", name)
    log.info("The worker %s has ended", name)


async def _run_alone(worker: Worker, backend: Backend) -> None:
    lock = partial(lock_file, backend.settings.data_dir / f"{worker.name}.pid", 0)  # for the ingest that uses DATA_DIR
    with await wait_for_lock(lock, f"The worker {worker.name}") if worker.one_per_ingest else nullcontext():
        log.info("The worker %s runs", worker.name)
        await _keep_working(worker, backend)


async def _keep_working(worker: Worker, backend: Backend) -> None:
    await keep_running(f"The worker {worker.name}", partial(worker.run, backend))


def _lock_data_dir(data_dir: Path) -> TextIOWrapper:
    """Lock ``data_dir``. Raises ``SetupError`` if another web process has the lock.

    Without Kafka, two web processes would not receive the chat messages of each other.
    """
    try:
        return lock_file(data_dir / WEB_LOCK, PREDECESSOR_SECONDS)
    except LockedError as locked:
        raise SetupError(
            f"Another web process ({locked.holder}) uses DATA_DIR {data_dir.resolve()}. Stop it, or set DATA_DIR to"
            " another folder: several web processes (WEB_PROCESSES) need KAFKA_BOOTSTRAP_SERVERS, MONGO_URL and"
            " REDIS_URL."
        ) from None
