"""Health probes of the services and disks that a process depends on. A probe raises an exception if it fails."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from redis.asyncio import Redis

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


def probe_redis(url: str) -> Probe:
    """Return a probe of the Redis at ``url`` that uses its own connection."""

    async def probe() -> None:
        async with Redis.from_url(url) as client:
            await client.execute_command("PING")

    return probe


async def read_redis_time(url: str) -> datetime:
    """Return the time of the clock of the Redis at ``url``. Raises ``RedisError`` or ``OSError``."""
    async with Redis.from_url(url) as client:
        seconds, microseconds = await client.time()
    return datetime.fromtimestamp(seconds + microseconds / 1_000_000, UTC)
