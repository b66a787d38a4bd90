"""What streams need from technology. Two stores implement the first two, held by the same contract tests."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from streaming_app.backend.streams.model import Channel, Latency, Publisher, Stream


class Channels(Protocol):
    """All channels."""

    async def add(self, channel: Channel) -> None:
        """Raises ``TakenError`` when the owner has a channel already or the slug is somebody's."""
        ...

    async def get(self, channel_id: str) -> Channel:
        """Raises ``NotFoundError``."""
        ...

    async def get_many(self, channel_ids: Collection[str]) -> list[Channel]:
        """Those that exist, in no order."""
        ...

    async def get_by_owner(self, owner_id: str) -> Channel:
        """Raises ``NotFoundError``."""
        ...

    async def get_by_slug(self, slug: str) -> Channel:
        """Without regard to case; raises ``NotFoundError``."""
        ...

    async def get_by_key_hash(self, key_hash: str) -> Channel:
        """Raises ``NotFoundError``."""
        ...

    async def set_title_and_category(self, channel_id: str, title: str, category: str) -> None:
        """Raises ``NotFoundError``."""
        ...

    async def set_latency(self, channel_id: str, latency: Latency) -> None:
        """Raises ``NotFoundError``."""
        ...

    async def set_records(self, channel_id: str, *, records: bool) -> None:
        """Raises ``NotFoundError``."""
        ...

    async def set_key(self, channel_id: str, key_hash: str, key_sealed: bytes) -> None:
        """Raises ``NotFoundError``."""
        ...


class Streams(Protocol):
    """All streams. A channel has at most one open one; every change of an open stream says which state it expects."""

    async def add(self, stream: Stream) -> None:
        """Raises ``ConflictError`` when the channel has an open stream."""
        ...

    async def latest(self, channel_id: str) -> Stream:
        """The open stream, or else the one that ended last; raises ``NotFoundError``."""
        ...

    async def all_open(self) -> list[Stream]:
        """Every stream that has not ended, newest first."""
        ...

    async def set_title_and_category(self, stream_id: str, title: str, category: str) -> bool:
        """Change an open stream's words; ``False`` when it is not open."""
        ...

    async def set_seen(self, stream_id: str, client_id: str, at: datetime) -> bool:
        """Note a sign of life; ``False`` unless the stream is open and this publisher's, still connected."""
        ...

    async def set_dropped(
        self, stream_id: str, client_id: str, at: datetime, *, seen_at: datetime | None = None
    ) -> bool:
        """Mark the publisher as gone; ``False`` unless the stream is open and this publisher's, still connected.

        With ``seen_at`` also ``False`` when the publisher gave a sign of life since that one.
        """
        ...

    async def set_publisher(self, stream_id: str, expected: Publisher, publisher: Publisher, at: datetime) -> bool:
        """Hand an open stream to a publisher that came back; ``False`` when it is not ``expected``'s any more."""
        ...

    async def end(self, stream_id: str, at: datetime, *, by_owner: bool) -> bool:
        """End an open stream, whatever its publisher does; ``False`` when it has ended already."""
        ...

    async def end_abandoned(self, expected: Stream, at: datetime) -> bool:
        """End an open stream that nobody brings any more.

        ``False`` when it has ended already, or when its publisher came back, dropped or gave a sign of life since
        ``expected`` was read.
        """
        ...

    async def allow_restart(self, stream_id: str) -> bool:
        """Forget that its owner ended this stream; ``False`` unless it was its owner who did."""
        ...


class Ingest(Protocol):
    """The server that publishers are connected to."""

    async def publishers(self) -> dict[str, str]:
        """``client_id`` by ``channel_id`` of everyone who publishes now; raises ``IngestUnavailableError``."""
        ...

    async def media_time(self, channel_id: str, client_id: str) -> int | None:
        """The timestamp of the newest audio or video that came from this publisher, in ms of its own clock.

        ``None`` when it does not publish. Raises ``IngestUnavailableError``.
        """
        ...

    async def drop(self, channel_id: str, client_id: str = "") -> None:
        """Disconnect a channel's publisher, if there is one; with ``client_id`` only if it is that one.

        Raises ``IngestUnavailableError``.
        """
        ...


class IngestUnavailableError(Exception):
    """The ingest server does not answer: nothing is known about publishers."""


class StreamKeys(Protocol):
    """Guards the secret part of stream keys."""

    def new_secret(self) -> str:
        """A fresh secret: URL-safe, 160 bits or more."""
        ...

    def hash(self, secret: str) -> str:
        """The keyed hash under which a channel is found."""
        ...

    def seal(self, secret: str) -> bytes:
        """Encrypt for storing."""
        ...

    def open(self, sealed: bytes) -> str:
        """Decrypt; raises ``ConflictError`` when it was sealed under another ``SECRET_KEY``."""
        ...
