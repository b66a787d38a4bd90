"""Tells whoever started this process, systemd or our supervisor, that its event loop runs: see sd_notify(3)."""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

VARIABLE = "NOTIFY_SOCKET"
READY = "READY=1"
WATCHDOG = "WATCHDOG=1"
WATCHDOG_SECONDS = 2.0
"""Between two signs of life."""


def notify(message: str) -> None:
    """Send ``message`` if anybody asked for it; it is not known whether it arrives."""
    address = os.environ.get(VARIABLE)  # noqa: TID251 - no setting of the site: each process gets one of its own
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client, suppress(OSError):
        client.settimeout(0)
        client.sendto(message.encode(), address.replace("@", "\0", 1) if address.startswith("@") else address)


@asynccontextmanager
async def notify_watchdog() -> AsyncGenerator[None]:
    """Say that this process is ready, and from then on that its event loop runs, while the context is open."""
    notify(READY)
    task = asyncio.create_task(_keep_notifying())
    try:
        yield
    finally:
        task.cancel()


async def _keep_notifying() -> None:
    while True:
        notify(WATCHDOG)
        await asyncio.sleep(WATCHDOG_SECONDS)
