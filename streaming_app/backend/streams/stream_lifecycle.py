"""Changes of streams: each is written to the store and then announced on the bus."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from streaming_app.backend.bus import Bus
from streaming_app.backend.events import StreamEnded, StreamStarted, StreamUpdated
from streaming_app.backend.streams.model import Channel, Publisher, Stream
from streaming_app.backend.streams.ports import Streams


class StreamChanges:
    """Makes and announces changes of streams. A change that loses a race against another one is not announced."""

    def __init__(self, streams: Streams, bus: Bus, now: Callable[[], datetime]) -> None:
        self._streams = streams
        self._bus = bus
        self._now = now

    async def start(self, channel: Channel, publisher: Publisher) -> Stream:
        """Start a stream with the channel's title and category.

        Raises ``ConflictError`` if the channel already has an open stream.
        """
        now = self._now()
        stream = Stream(uuid4().hex, channel.channel_id, now, channel.title, channel.category, publisher, seen_at=now)
        await self._streams.add(stream)
        await self._bus.announce(
            StreamStarted(
                at=now,
                channel_id=channel.channel_id,
                stream_id=stream.stream_id,
                title=stream.title,
                category=stream.category,
                slug=channel.slug,
                name=channel.name,
            )
        )
        return stream

    async def set_title_and_category(self, stream: Stream, title: str, category: str) -> None:
        """Set title and category of the stream, if it is open."""
        if await self._streams.set_title_and_category(stream.stream_id, title, category):
            await self._announce_updated(replace(stream, title=title, category=category))

    async def mark_seen(self, stream: Stream, publisher: Publisher) -> Stream | None:
        """Record that this publisher sends the open stream: it continues, reconnected or replaced another publisher.

        Returns the changed stream, or ``None`` if the stream ended or changed its publisher since it was read.
        """
        now = self._now()
        seen = replace(stream, publisher=publisher, seen_at=now, dropped_at=None)
        if publisher == stream.publisher and stream.dropped_at is None:
            changed = await self._streams.set_seen(stream.stream_id, publisher.client_id, now)
        else:
            changed = await self._streams.set_publisher(stream.stream_id, stream.publisher, publisher, now)
            if changed:
                await self._announce_updated(seen)
        return seen if changed else None

    async def mark_disconnected(self, stream: Stream, client_id: str) -> None:
        """Mark the stream as reconnecting, if ``client_id`` is its publisher."""
        await self._mark_disconnected(stream, client_id, None)

    async def mark_disconnected_if_silent(self, stream: Stream) -> None:
        """Mark the stream as reconnecting, unless its publisher sent a heartbeat since ``stream`` was read."""
        await self._mark_disconnected(stream, stream.publisher.client_id, stream.seen_at)

    async def end(self, stream: Stream, *, by_owner: bool = False) -> None:
        """End the stream now, also if its publisher is connected."""
        now = self._now()
        if await self._streams.end(stream.stream_id, now, by_owner=by_owner):
            await self._announce_ended(stream.ended(now, by_owner=by_owner))

    async def end_abandoned(self, stream: Stream) -> None:
        """End the stream at its publisher's last heartbeat, unless the publisher returned since ``stream`` was read."""
        if await self._streams.end_abandoned(stream, stream.seen_at):
            await self._announce_ended(stream.ended(stream.seen_at, by_owner=False))

    async def _mark_disconnected(self, stream: Stream, client_id: str, seen_at: datetime | None) -> None:
        now = self._now()
        if await self._streams.set_dropped(stream.stream_id, client_id, now, seen_at=seen_at):
            await self._announce_updated(replace(stream, dropped_at=now))

    async def _announce_ended(self, stream: Stream) -> None:
        now = self._now()
        await self._bus.announce(
            StreamEnded(
                at=now,
                channel_id=stream.channel_id,
                stream_id=stream.stream_id,
                duration_seconds=stream.duration(now).total_seconds(),
                title=stream.title,
                category=stream.category,
                started_at=stream.started_at,
                ended_at=stream.ended_at,
                by_owner=stream.ended_by_owner,
            )
        )

    async def _announce_updated(self, stream: Stream) -> None:
        await self._bus.announce(
            StreamUpdated(
                at=self._now(),
                channel_id=stream.channel_id,
                stream_id=stream.stream_id,
                title=stream.title,
                category=stream.category,
                publisher_connected=stream.dropped_at is None,
                started_at=stream.started_at,
            )
        )
