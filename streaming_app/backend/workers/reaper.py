"""Ends streams whose publisher has disconnected, and reconciles the live streams with the publishers of the ingest."""

from datetime import timedelta

from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.periodic import run_periodically

PAUSE = timedelta(seconds=1)
"""Viewers see a lost publisher after at most this pause plus ``streams.service.NEW_PUBLISHER_GRACE``."""


async def run(backend: Backend) -> None:
    """Reconcile until cancelled."""
    await run_periodically("The reaper", PAUSE, backend.streams.reap)
