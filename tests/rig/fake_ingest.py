"""An ingest without nginx, held to what nginx does by tests/rtmp/test_ingest.py."""

from streaming_app.backend.streams.ports import IngestUnavailableError


class FakeIngest:
    """Implements ``streams.ports.Ingest``; the test connects publishers and takes the server away."""

    def __init__(self) -> None:
        self.connected: dict[str, str] = {}
        """``client_id`` by ``channel_id``."""
        self.is_up = True

    async def publishers(self) -> dict[str, str]:
        self._answer()
        return dict(self.connected)

    async def drop(self, channel_id: str) -> None:
        self._answer()
        self.connected.pop(channel_id, None)

    def _answer(self) -> None:
        if not self.is_up:
            raise IngestUnavailableError
