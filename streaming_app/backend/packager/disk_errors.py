"""Logs that LIVE_DIR cannot be written: one line instead of one for each part of each channel."""

import errno
import logging
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)

REPEAT_SECONDS = 60.0
"""Interval at which the line is repeated while writing fails."""


class DiskErrorLog:
    """Logs write errors of all channels. ``clock`` is monotonic, in seconds."""

    def __init__(self, live_dir: Path, clock: Callable[[], float]) -> None:
        self._live_dir = live_dir
        self._clock = clock
        self._failed_at: float | None = None
        self._reported_at: float | None = None

    def write_failed(self, why: OSError) -> None:
        """Log why a file could not be written, unless that was logged within ``REPEAT_SECONDS``."""
        self._failed_at = now = self._clock()
        if self._reported_at is not None and now - self._reported_at < REPEAT_SECONDS:
            return
        self._reported_at = now
        what = "is full" if why.errno in {errno.ENOSPC, errno.EDQUOT} else f"cannot be written ({why.strerror})"
        log.error("LIVE_DIR %s %s: viewers of low-latency HLS get plain HLS until there is space", self._live_dir, what)

    def write_succeeded(self) -> None:
        """A file was written. Log it if writing failed before and has not failed for ``REPEAT_SECONDS``."""
        if self._failed_at is not None and self._clock() - self._failed_at >= REPEAT_SECONDS:
            self._failed_at = self._reported_at = None
            log.info("LIVE_DIR %s can be written again", self._live_dir)
