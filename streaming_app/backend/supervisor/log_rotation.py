"""Keeps the logs of our children and of nginx from growing without bound."""

import asyncio
import logging
import shutil
from pathlib import Path

log = logging.getLogger(__name__)

MAX_BYTES = 5_000_000
"""A log larger than this is copied to ``….1``, in place of the one before, and begins anew."""
LOOK_SECONDS = 10.0


async def keep_rotating(folder: Path) -> None:
    """Look after every ``*.log`` in ``folder`` and the folders below it, until cancelled."""
    while True:
        await asyncio.to_thread(rotate, folder)
        await asyncio.sleep(LOOK_SECONDS)


def rotate(folder: Path) -> None:
    """Rotate what has grown too large. The programs keep the file open and go on at its end, which is now its start."""
    for file in folder.rglob("*.log"):
        try:
            if file.stat().st_size > MAX_BYTES:
                shutil.copyfile(file, file.with_name(f"{file.name}.1"))
                with file.open("r+b") as emptied:
                    emptied.truncate()
        except OSError as failed:
            log.warning("The log %s could not be rotated: %s", file, failed.strerror)
