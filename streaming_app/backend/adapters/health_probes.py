"""Health probes of the disks that a process depends on. A probe raises an exception if it fails."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

Probe = Callable[[], Awaitable[object]]

FREE_MIN_BYTES = 32 * 1024 * 1024
"""A disk with less free space counts as full, because the database, video or uploads may fail at any moment."""


class ProbeError(Exception):
    """A failed probe. The message is short and contains no address and no secret."""


def existing_folder(folder: Path) -> Path:
    """Return the folder, or the nearest parent that exists."""
    return next(path for path in (folder, *folder.absolute().parents) if path.exists())


def probe_disk(name: str, folder: Path) -> Probe:
    """Return a probe of the disk of ``folder``, which need not exist yet; ``name`` is the setting of the folder."""

    def free_bytes() -> int:
        return shutil.disk_usage(existing_folder(folder)).free

    async def probe() -> None:
        free = await asyncio.to_thread(free_bytes)
        if free < FREE_MIN_BYTES:
            raise ProbeError(f"The disk of {name} is full: {free // (1024 * 1024)} MB are free.")

    return probe
