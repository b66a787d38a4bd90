"""Ports of the streams context. Both stores implement ``Channels`` and ``Streams`` and pass the same contract tests."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol, Unpack

from streaming_app.backend.streams.model import Channel, ChannelChanges, Publisher, Stream


class Channels(Protocol):
    """The repository of channels."""

    async def add(self, channel: Channel) -> None:
        """Add a channel; raises ``TakenError`` if the owner already has a channel or the slug is taken."""
        ...

    async def get(self, channel_id: str) -> Channel:
        """Raises ``NotFoundError``."""
        ...

    async def get_many(self, channel_ids: Collection[str]) -> list[Channel]:
        """Return the channels that exist, in any order."""
        ...

    async def get_by_owner(self, owner_id: str) -> Channel:
        """Raises ``NotFoundError``."""
        ...

    async def get_by_slug(self, slug: str) -> Channel:
        """Find a channel, ignoring case; raises ``NotFoundError``."""
        ...

    async def list_after(self, slug: str, limit: int) -> list[Channel]:
        """Return the first ``limit`` channels whose slug comes after ``slug``, sorted by slug."""
        ...

    async def get_with_latest_stream(self, slug: str) -> tuple[Channel, Stream | None]:
        """The channel and its open stream, or else the one that ended last; raises ``NotFoundError``."""
        ...

    async def get_by_key_hash(self, key_hash: str) -> Channel:
        """Raises ``NotFoundError``."""
        ...

    async def update(self, channel_id: str, **changes: Unpack[ChannelChanges]) -> None:
        """Change these fields, one at least; raises ``NotFoundError``."""
        ...

    async def replace_title_and_category(self, expected: Channel, title: str, category: str) -> bool:
        """Change title and category; ``False`` if they are no longer those of ``expected``, or there is no channel."""
        ...


class Streams(Protocol):
    """The repository of streams.

    A channel has at most one open stream. Each method that changes an open stream names the state that it expects, so
    that of two concurrent changes only one takes effect.
    """

    async def add(self, stream: Stream) -> None:
        """Add a stream; raises ``ConflictError`` if the channel has an open stream."""
        ...

    async def latest(self, channel_id: str) -> Stream:
        """Return the open stream, or else the one that ended last; raises ``NotFoundError``."""
        ...

    async def get(self, stream_id: str) -> Stream:
        """Raises ``NotFoundError``."""
        ...

    async def list_by_channel(
        self, channel_id: str, limit: int, before: tuple[datetime, str] | None = None
    ) -> list[Stream]:
        """Return the ``limit`` streams of a channel that started last, newest first, also an open one.

        With ``before``, the start and the id of a stream, only those that come after it in this order.
        """
        ...

    async def all_open(self) -> list[Stream]:
        """Return every stream that has not ended, newest first."""
        ...

    async def set_title_and_category(self, stream_id: str, title: str, category: str) -> bool:
        """Change an open stream; ``False`` if it is not open."""
        ...

    async def set_seen(self, stream_id: str, client_id: str, at: datetime) -> bool:
        """Record a heartbeat; ``False`` unless the stream is open and this publisher is connected."""
        ...

    async def set_dropped(
        self, stream_id: str, client_id: str, at: datetime, *, seen_at: datetime | None = None
    ) -> bool:
        """Mark the publisher as disconnected; ``False`` unless the stream is open and this publisher is connected.

        With ``seen_at``, also ``False`` if the publisher has sent another heartbeat since then.
        """
        ...

    async def set_publisher(self, stream_id: str, expected: Publisher, publisher: Publisher, at: datetime) -> bool:
        """Assign an open stream to another ``publisher``; ``False`` if its publisher is no longer ``expected``."""
        ...

    async def end(self, stream_id: str, at: datetime, *, by_owner: bool) -> bool:
        """End an open stream, also if its publisher is connected; ``False`` if it has ended already."""
        ...

    async def end_abandoned(self, expected: Stream, at: datetime) -> bool:
        """End an open stream whose publisher is gone.

        ``False`` if the stream has ended already, or if its publisher reconnected, disconnected or sent a heartbeat
        since ``expected`` was read.
        """
        ...

    async def allow_restart(self, stream_id: str) -> bool:
        """Clear the mark that the owner ended this stream; ``False`` if there is no such mark."""
        ...


class Ingest(Protocol):
    """The RTMP server that publishers connect to."""

    async def publishers(self) -> dict[str, str]:
        """Return the ``client_id`` of each publisher by ``channel_id``; raises ``IngestUnavailableError``."""
        ...

    async def media_time(self, channel_id: str, client_id: str) -> int | None:
        """Return the timestamp of the newest audio or video message of this publisher, in ms of its own clock.

        ``None`` if it does not publish. Raises ``IngestUnavailableError``.
        """
        ...

    async def drop(self, channel_id: str, client_id: str = "") -> None:
        """Disconnect a channel's publisher, if there is one; with ``client_id`` only this publisher.

        Raises ``IngestUnavailableError``.
        """
        ...


class IngestUnavailableError(Exception):
    """The ingest does not answer, so it is unknown who publishes."""


class StreamKeys(Protocol):
    """Creates, hashes and encrypts the secret part of stream keys."""

    def new_secret(self) -> str:
        """Generate a secret: URL-safe text with at least 160 random bits."""
        ...

    def hash(self, secret: str) -> str:
        """Return the keyed hash by which a channel is found."""
        ...

    def seal(self, secret: str) -> bytes:
        """Encrypt the secret for the store."""
        ...

    def open(self, sealed: bytes) -> str:
        """Decrypt a secret; raises ``ConflictError`` if it was encrypted under another ``SECRET_KEY``."""
        ...
