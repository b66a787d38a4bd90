"""Where the newest minutes of low-latency video are: a folder in memory where there is one with room.

nginx's sockets to the processes behind it are there, too.
"""

import hashlib
import os
import stat
from contextlib import suppress
from pathlib import Path

from streaming_app.backend.config import Settings

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder below it, which holds nothing that is secret
MEMORY_MIN_BYTES = 1 << 30
"""Containers come with 64 MB there: less than one stream may need."""

LOW_LATENCY_FOLDER = "ll"
"""In the live folder: what the packager writes, and the first part of its addresses at the front door."""

SOCKET_PATH_MAX = 107
"""Bytes: what Linux has room for in a socket's address."""


def live_dir_of(settings: Settings) -> Path:
    """The same for nginx, which serves it, and for the packager, which fills it; one for each ``data_dir``."""
    if settings.live_dir:
        return settings.live_dir.resolve()
    data_dir = settings.data_dir.resolve()
    if _size(MEMORY) >= MEMORY_MIN_BYTES:
        folder = MEMORY / f"streaming_app-{hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]}"
        if not _is_someone_elses(folder):
            return folder
    return data_dir / "live"


def low_latency_dir_of(settings: Settings) -> Path:
    """The folder of all low-latency video: ``<channel_id>/<rendition>/``."""
    return live_dir_of(settings) / LOW_LATENCY_FOLDER


def make_live_dir(settings: Settings) -> Path:
    """The same folder, made if it is not there. In shared memory only our own user may open it.

    Raises ``OSError``.
    """
    folder = live_dir_of(settings)
    if folder.parent != MEMORY or settings.live_dir:
        folder.mkdir(parents=True, exist_ok=True)
        return folder
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    if _is_someone_elses(folder):  # made since we looked
        return make_live_dir(settings)
    folder.chmod(0o700)
    return folder


def _is_someone_elses(folder: Path) -> bool:
    """Whether anybody on this machine has put something of theirs there: every user may write into ``MEMORY``."""
    try:
        facts = folder.lstat()
    except OSError:
        return False
    return not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid()


def packager_socket_of(settings: Settings) -> Path | None:
    """Where the packager listens for nginx, beside its port; ``None`` where the path would be too long.

    An answer by way of a socket costs the packager up to a third less than by way of the port, nginx a seventh.
    """
    return _socket(settings, "packager")


def feed_socket_of(settings: Settings) -> Path | None:
    """Where the feed listens for nginx, beside its port; ``None`` where several take turns on that.

    A frame by way of a socket costs the web process less than half. ``None``, too, where the path would be too long.
    """
    return None if settings.feeds_take_turns else _socket(settings, f"feed-{settings.feed_port}")


def _socket(settings: Settings, name: str) -> Path | None:
    socket = live_dir_of(settings) / f"{name}.sock"
    return socket if len(os.fsencode(socket)) <= SOCKET_PATH_MAX else None


def _size(folder: Path) -> int:
    try:
        facts = os.statvfs(folder)
    except OSError:
        return 0
    return facts.f_frsize * facts.f_blocks
