"""Rotates the logs of nginx and of the supervisor's other child processes."""

import logging
import shutil
from datetime import timedelta
from pathlib import Path

log = logging.getLogger(__name__)

MAX_BYTES = 5_000_000
"""A larger log is copied to ``….1``, which replaces the previous copy, and truncated."""
ROTATION_INTERVAL = timedelta(seconds=10)


def rotate(folder: Path) -> None:
    """Rotate every ``*.log`` below ``folder`` that is too large.

    Programs keep their log open for appending, so after the truncation they continue at its start.
    """
    for file in folder.rglob("*.log"):
        try:
            if file.stat().st_size > MAX_BYTES:
                shutil.copyfile(file, file.with_name(f"{file.name}.1"))
                with file.open("r+b") as emptied:
                    emptied.truncate()
        except OSError as failed:
            log.warning("The log %s could not be rotated: %s", file, failed.strerror)
