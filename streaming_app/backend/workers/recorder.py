"""Records the streams of channels that want it, and deletes recordings whose time has come."""

from datetime import timedelta

from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.workers.rounds import go_rounds

PAUSE = timedelta(seconds=1)


async def run(backend: Backend) -> None:
    """Record until cancelled."""
    await go_rounds("The recorder", PAUSE, backend.recorder.go)
