"""Records the streams of channels that have recording enabled, and deletes recordings by the retention rules."""

from datetime import timedelta

from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.periodic import run_periodically

PAUSE = timedelta(seconds=1)


async def run(backend: Backend) -> None:
    """Record until cancelled."""
    await run_periodically("The recorder", PAUSE, backend.recorder.run_once)
