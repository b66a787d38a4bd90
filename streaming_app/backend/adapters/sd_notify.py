"""Tells the process manager, systemd or our supervisor, that this process is ready and alive; see sd_notify(3)."""

import os
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from streaming_app.backend.background_tasks import in_background
from streaming_app.backend.periodic import run_periodically

VARIABLE = "NOTIFY_SOCKET"
READY = "READY=1"
WATCHDOG = "WATCHDOG=1"
WATCHDOG_INTERVAL = timedelta(seconds=2)


def notify(message: str) -> None:
    """Send ``message`` to the process manager, if there is one. Delivery is not confirmed."""
    address = os.environ.get(VARIABLE)  # noqa: TID251 - not a setting of the site: each process has its own value
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client, suppress(OSError):
        client.settimeout(0)
        client.sendto(message.encode(), address.replace("@", "\0", 1) if address.startswith("@") else address)


@asynccontextmanager
async def notify_watchdog() -> AsyncGenerator[None]:
    """Send ``READY``, then send ``WATCHDOG`` from the event loop at an interval while the context is open."""
    notify(READY)
    async with in_background(run_periodically("The watchdog notification", WATCHDOG_INTERVAL, _notify_alive)):
        yield


async def _notify_alive() -> None:
    notify(WATCHDOG)
