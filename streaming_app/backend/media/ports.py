"""What other processes need from the packager."""

from typing import Protocol

from streaming_app.backend.media.stream_health import IngestHealth
from streaming_app.backend.media.window_snapshot import WindowSnapshot


class PackagerUnavailableError(Exception):
    """The packager does not answer, so nothing is known about how streams arrive."""


class PackagerClient(Protocol):
    """The packager on this machine, for the web process."""

    async def health(self, channel_id: str) -> IngestHealth | None:
        """Return how the channel's stream arrives; ``None`` while it has no stream.

        Raises ``PackagerUnavailableError``.
        """
        ...

    async def check(self) -> None:
        """Raise ``PackagerUnavailableError`` if the packager does not answer."""
        ...


class LiveWindows(Protocol):
    """The packager on this machine, for the recorder."""

    async def window(self, channel_id: str) -> WindowSnapshot:
        """Return the live window of the channel's source rendition; empty while the channel is offline.

        Raises ``PackagerUnavailableError``.
        """
        ...
