"""Measures the free space of the folders of the site."""

import asyncio
import shutil

from streaming_app.backend.adapters.health_probes import existing_folder
from streaming_app.backend.adapters.live_dir import live_dir_of
from streaming_app.backend.adapters.metrics.definitions import DISK_FREE, DISK_SIZE
from streaming_app.backend.config import Settings


async def sample_disks(settings: Settings) -> None:
    """Set the gauges of the disks of ``DATA_DIR`` and ``LIVE_DIR``."""
    await asyncio.to_thread(_sample, settings)


def _sample(settings: Settings) -> None:
    for name, folder in {"DATA_DIR": settings.data_dir, "LIVE_DIR": live_dir_of(settings)}.items():
        usage = shutil.disk_usage(existing_folder(folder))
        DISK_FREE.labels(name).set(usage.free)
        DISK_SIZE.labels(name).set(usage.total)
