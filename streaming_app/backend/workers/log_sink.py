"""Writes all events and the lines of the logs to Parquet files, for analysis. Only on sites with Kafka."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from time import monotonic

from streaming_app.backend.adapters.kafka import KafkaBus, StoredEvent
from streaming_app.backend.adapters.log_archive.parquet_files import ParquetFiles
from streaming_app.backend.adapters.site_secret import open_secrets
from streaming_app.backend.bootstrap import Backend, now
from streaming_app.backend.clock_changes import ClockWatch
from streaming_app.backend.errors import SetupError
from streaming_app.backend.events import TOPICS
from streaming_app.backend.periodic import run_periodically

GROUP = "log-sink"
"""The consumer group; its committed offsets mark what is on disk."""
FOLDER = "logs"
"""Folder in DATA_DIR."""
DELETION_INTERVAL = timedelta(minutes=1)
CLOCK_STEADY = timedelta(hours=1)
"""How long the wall clock must not have been set before anything is deleted: a wrong clock must delete nothing."""


async def run(backend: Backend) -> None:
    """Write until cancelled."""
    if not isinstance(backend.bus, KafkaBus):
        raise SetupError("The worker log-sink needs KAFKA_BOOTSTRAP_SERVERS.")
    settings = backend.settings
    files = ParquetFiles(settings.data_dir.resolve() / FOLDER, open_secrets(settings).derive("log-sink"))
    await asyncio.to_thread(files.delete_unfinished)

    async def write(events: Sequence[StoredEvent]) -> None:
        await asyncio.to_thread(files.write, events)

    clock_watch = ClockWatch(now, monotonic)

    async def delete_old() -> None:
        if clock_watch.is_steady_for(CLOCK_STEADY):
            await asyncio.to_thread(files.delete_before, now() - settings.log_sink_retention)

    await asyncio.gather(
        backend.bus.keep_collecting(TOPICS, GROUP, settings.log_sink_interval, write),
        run_periodically("The deletion of old logs", DELETION_INTERVAL, delete_old),
    )
