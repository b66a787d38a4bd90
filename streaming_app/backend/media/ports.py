"""What the rest of the site needs of the packager, which is another process."""

from typing import Protocol

from streaming_app.backend.media.health import IngestHealth


class PackagerUnavailableError(Exception):
    """The packager does not answer: nothing is known about how streams arrive."""


class PackagerClient(Protocol):
    """The packager beside this machine's nginx."""

    async def health(self, channel_id: str) -> IngestHealth | None:
        """How the channel's stream arrives; ``None`` without one. Raises ``PackagerUnavailableError``."""
        ...

    async def check(self) -> None:
        """Raises ``PackagerUnavailableError`` when the packager does not answer."""
        ...


class LivePlaylists(Protocol):
    """The packager, as far as it is asked for playlists."""

    async def source(self, channel_id: str) -> str:
        """The media playlist of the publisher's own video; empty while there is nothing in it.

        Raises ``PackagerUnavailableError``.
        """
        ...
