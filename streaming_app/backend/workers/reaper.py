"""Ends streams whose publisher vanished, and keeps what is live in line with who really publishes."""

from datetime import timedelta

from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.periodic import run_periodically

PAUSE = timedelta(seconds=1)
"""Viewers see a lost publisher within this and ``streams.service.NEW_PUBLISHER_GRACE``."""


async def run(backend: Backend) -> None:
    """Reap until cancelled."""
    await run_periodically("The reaper", PAUSE, backend.streams.reap)
