"""The lock of the live folder: one packager serves, and a second one of the same site waits for it as the standby."""

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from functools import partial
from io import TextIOWrapper

from streaming_app.backend.adapters.file_lock import LockedError, lock_file, wait_for_lock
from streaming_app.backend.adapters.live_dir import live_dir_of, make_live_dir
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import SetupError

LOCK = "packager.lock"
"""Name of the lock file in the live folder. It contains the process id and the DATA_DIR of the packager that serves."""


async def wait_for_live_dir(settings: Settings) -> TextIOWrapper:
    """Lock the live folder, as soon as no other packager of this site has locked it.

    Raises ``SetupError`` if a packager of another site has locked the folder, or if it cannot be written.
    """
    return await wait_for_lock(partial(_lock, settings), "The packager")


@contextmanager
def releasing_live_dir(settings: Settings, lock: TextIOWrapper) -> Generator[None]:
    """Release ``lock`` at the end, and delete the live folder if nothing else is in it."""
    live_dir = live_dir_of(settings)
    with lock:
        yield
        (live_dir / LOCK).unlink(missing_ok=True)
    with suppress(OSError):  # the folder has other files
        live_dir.rmdir()


def _lock(settings: Settings) -> TextIOWrapper:
    live_dir, data_dir = live_dir_of(settings), str(settings.data_dir.resolve())
    try:
        make_live_dir(settings)
        lock = lock_file(live_dir / LOCK, 0, setting="LIVE_DIR", holder=f"{os.getpid()} {data_dir}")
        make_live_dir(settings)  # the previous packager may have deleted it at the same moment
    except OSError as failed:
        raise SetupError(f"LIVE_DIR {live_dir} cannot be written: {failed.strerror}.") from failed
    except LockedError as locked:
        process_id, _, holder_data_dir = locked.holder.partition(" ")
        if holder_data_dir in {"", data_dir}:
            raise
        raise SetupError(
            f"The packager of another site (process {process_id}, DATA_DIR {holder_data_dir}) writes to LIVE_DIR"
            f" {live_dir}. Set LIVE_DIR to another folder."
        ) from None
    return lock
