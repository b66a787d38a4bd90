"""File locks that one process of this machine holds until it ends."""

import asyncio
import fcntl
import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path

from streaming_app.backend.errors import SetupError

log = logging.getLogger(__name__)

POLL_SECONDS = 0.1

SUPERVISOR_LOCK = "supervisor.pid"
"""File in DATA_DIR. It is locked while a supervisor, or any process that it started, runs."""
WEB_LOCK = "web.pid"
"""File in DATA_DIR that a web process without Kafka locks, so that there is only one."""


class LockedError(Exception):
    """Another process holds the lock; ``holder`` is what it wrote into the file, by default its process id."""

    def __init__(self, holder: str) -> None:
        super().__init__(holder)
        self.holder = holder


def lock_file(
    path: Path,
    timeout_seconds: float,
    while_waiting: Callable[[], None] = lambda: None,
    setting: str = "DATA_DIR",
    holder: str = "",
) -> TextIOWrapper:
    """Lock the file and write ``holder`` or the process id into it. All processes that inherit the file keep the lock.

    Calls ``while_waiting`` repeatedly while another process holds the lock. Raises ``LockedError`` after
    ``timeout_seconds``, and ``SetupError`` if the folder, the value of ``setting``, cannot be written.
    """
    deadline = time.monotonic() + timeout_seconds
    while not _try_lock(file := _open(path, setting)):
        with file:
            if time.monotonic() > deadline:
                file.seek(0)
                raise LockedError(file.read().strip())
        while_waiting()
        time.sleep(POLL_SECONDS)
    file.truncate(0)
    file.write(f"{holder or os.getpid()}\n")
    file.flush()
    return file


async def wait_for_lock(lock: Callable[[], TextIOWrapper], what: str) -> TextIOWrapper:
    """Call ``lock`` until it raises no ``LockedError``, and return its result. ``what`` is for the log."""
    holder = ""
    while True:
        try:
            return lock()
        except LockedError as locked:
            if locked.holder and locked.holder != holder:
                holder = locked.holder
                log.info("%s already runs (process %s): this one waits", what, holder.partition(" ")[0])
        await asyncio.sleep(POLL_SECONDS)


def _open(path: Path, setting: str) -> TextIOWrapper:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            return path.open("a+", encoding="utf-8")
        path.parent.mkdir(parents=True, exist_ok=True)  # the previous process has deleted the folder
        return path.open("a+", encoding="utf-8")
    except OSError as failed:
        raise SetupError(f"{setting} {path.parent} cannot be written: {failed.strerror}.") from failed


def _try_lock(file: TextIOWrapper) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return os.fstat(file.fileno()).st_nlink > 0  # otherwise the previous process has deleted the file
