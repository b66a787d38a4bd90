"""Every change that a stream goes through: written to the store and, when it took there, said on the bus."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from streaming_app.backend.bus import Bus
from streaming_app.backend.events import StreamEnded, StreamStarted, StreamUpdated
from streaming_app.backend.streams.model import Channel, Publisher, Stream
from streaming_app.backend.streams.ports import Streams


class StreamChanges:
    """What can happen to a stream. A change that lost a race against another one is neither made nor said."""

    def __init__(self, streams: Streams, bus: Bus, now: Callable[[], datetime]) -> None:
        self._streams = streams
        self._bus = bus
        self._now = now

    async def start(self, channel: Channel, publisher: Publisher) -> Stream:
        """A new stream under the channel's words; raises ``ConflictError`` when the channel has an open one."""
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

    async def mark_seen(self, stream: Stream, publisher: Publisher) -> Stream | None:
        """This publisher brings the open stream now: still, again, or in the place of another.

        ``None`` when the stream has ended or gone to someone else since it was read.
        """
        now = self._now()
        seen = replace(stream, publisher=publisher, seen_at=now, dropped_at=None)
        if publisher == stream.publisher and stream.dropped_at is None:
            taken = await self._streams.set_seen(stream.stream_id, publisher.client_id, now)
        else:
            taken = await self._streams.set_publisher(stream.stream_id, stream.publisher, publisher, now)
            if taken:
                await self._announce_updated(seen)
        return seen if taken else None

    async def mark_disconnected(self, stream: Stream, client_id: str) -> None:
        """The publisher has left, the stream waits for it; of anyone but its publisher that changes nothing."""
        await self._mark_disconnected(stream, client_id, None)

    async def mark_disconnected_if_silent(self, stream: Stream) -> None:
        """The publisher has given no sign of life since ``stream`` was read: the stream waits for it."""
        await self._mark_disconnected(stream, stream.publisher.client_id, stream.seen_at)

    async def end(self, stream: Stream, *, by_owner: bool = False) -> None:
        """The stream is over now, whatever its publisher does."""
        now = self._now()
        if await self._streams.end(stream.stream_id, now, by_owner=by_owner):
            await self._announce_ended(stream.ended(now, by_owner=by_owner))

    async def end_abandoned(self, stream: Stream) -> None:
        """The stream has been over since its publisher's last sign of life, unless that changed since it was read."""
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
