"""Asks what a process depends on whether it works. A probe that fails raises; ``ProbeError`` has words for it."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

from redis.asyncio import Redis

Probe = Callable[[], Awaitable[object]]

FREE_MIN_BYTES = 32 * 1024 * 1024
"""A disk with less room than this counts as full: the database, video and uploads can fail at any moment."""


class ProbeError(Exception):
    """What was asked does not work; the message is short, and names no address and no secret."""


def probe_disk(name: str, folder: Path) -> Probe:
    """A probe of the disk that ``folder`` is on, or will be once it is made; ``name`` is the folder's setting."""

    def free_bytes() -> int:
        there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        return shutil.disk_usage(there).free

    async def probe() -> None:
        free = await asyncio.to_thread(free_bytes)
        if free < FREE_MIN_BYTES:
            raise ProbeError(f"The disk of {name} is full: {free // (1024 * 1024)} MB are free.")

    return probe


def probe_redis(url: str) -> Probe:
    """A probe of the Redis at ``url``, by a connection of its own."""

    async def probe() -> None:
        async with Redis.from_url(url) as client:
            await client.execute_command("PING")

    return probe
