"""An ingest without nginx. tests/rtmp/test_ingest.py checks that nginx behaves in the same way."""

from streaming_app.backend.streams.ports import IngestUnavailableError


class FakeIngest:
    """Implements ``streams.ports.Ingest``. The test connects publishers and makes the server unreachable."""

    def __init__(self) -> None:
        self.connected: dict[str, str] = {}
        """Ids of the connected clients, by channel id."""
        self.frozen: set[str] = set()
        """Ids of clients that are connected but have stopped sending."""
        self.is_up = True
        self._media_ms = 0

    async def publishers(self) -> dict[str, str]:
        self._answer()
        return dict(self.connected)

    async def media_time(self, channel_id: str, client_id: str) -> int | None:
        self._answer()
        if self.connected.get(channel_id) != client_id:
            return None
        if client_id not in self.frozen:
            self._media_ms += 33
        return self._media_ms

    async def drop(self, channel_id: str, client_id: str = "") -> None:
        self._answer()
        if not client_id or self.connected.get(channel_id) == client_id:
            self.connected.pop(channel_id, None)

    def _answer(self) -> None:
        if not self.is_up:
            raise IngestUnavailableError
