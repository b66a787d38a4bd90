"""Records the streams of channels that want it, and deletes recordings whose time has come."""

from datetime import timedelta

from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.periodic import run_periodically

PAUSE = timedelta(seconds=1)


async def run(backend: Backend) -> None:
    """Record until cancelled."""
    await run_periodically("The recorder", PAUSE, backend.recorder.run_once)
