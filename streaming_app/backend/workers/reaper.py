"""Ends what is over: streams whose publisher has disconnected, and suspensions.

Also reconciles the live streams with the publishers of the ingest.
"""

import asyncio
from datetime import timedelta

from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.periodic import run_periodically

PAUSE = timedelta(seconds=1)
"""Viewers see a lost publisher after at most this pause plus ``streams.service.NEW_PUBLISHER_GRACE``."""
SUSPENSIONS_PAUSE = timedelta(seconds=5)
"""A suspension is lifted at most this long after its end."""


async def run(backend: Backend) -> None:
    """Reconcile until cancelled."""
    await asyncio.gather(
        run_periodically("The reaper", PAUSE, backend.streams.reap),
        run_periodically("Lifting suspensions", SUSPENSIONS_PAUSE, backend.users.lift_expired_suspensions),
    )
