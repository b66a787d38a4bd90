"""The life of a stream: from the publisher let in to the stream ended, and what is live in between."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from streaming_app.backend.accounts.ports import Users
from streaming_app.backend.bus import Bus
from streaming_app.backend.errors import ConflictError, ForbiddenError, NotFoundError
from streaming_app.backend.events import StreamEnded, StreamStarted, StreamUpdated
from streaming_app.backend.streams import policy
from streaming_app.backend.streams.model import Broadcast, Channel, Publisher, Stream
from streaming_app.backend.streams.ports import Channels, Ingest, IngestUnavailableError, StreamKeys, Streams

log = logging.getLogger(__name__)

SIGHTING_INTERVAL = timedelta(seconds=2)
"""A publisher that ``/stat`` does not show may have connected since it was read: so long it has the benefit."""


@dataclass(frozen=True, slots=True)
class StreamTimes:
    """How long things may take; ``Settings`` documents each."""

    reconnect_grace: timedelta
    end_hold: timedelta
    publisher_timeout: timedelta


class StreamService:
    """The use cases of streams."""

    def __init__(
        self,
        users: Users,
        channels: Channels,
        streams: Streams,
        keys: StreamKeys,
        ingest: Ingest,
        bus: Bus,
        now: Callable[[], datetime],
        times: StreamTimes,
    ) -> None:
        self._users = users
        self._channels = channels
        self._streams = streams
        self._keys = keys
        self._ingest = ingest
        self._bus = bus
        self._now = now
        self._times = times

    async def start(self, channel_id: str, secret: str, publisher: Publisher) -> Stream:
        """Let a publisher in: a new stream, or the same one when it comes back within the grace period.

        Raises ``ForbiddenError`` (key, ban, just ended) or ``ConflictError`` (someone is publishing here already).
        """
        channel = await self._channel_of_key(channel_id, secret)
        policy.may_stream(banned=(await self._users.get(channel.owner_id)).banned)
        now = self._now()
        try:
            latest = await self._streams.latest(channel_id)
        except NotFoundError:
            return await self._begin(channel, publisher)
        if latest.ended_at:
            policy.may_start_again(latest, now, self._times.end_hold)
            return await self._begin(channel, publisher)
        if policy.is_over(latest, now, self._times.reconnect_grace):
            await self._end(latest, by_owner=False)
            return await self._begin(channel, publisher)
        if not latest.dropped_at and await self._is_publishing(latest):
            raise ConflictError("Someone is publishing to this channel already.")
        return await self._resume(latest, publisher)

    async def heartbeat(self, channel_id: str, client_id: str) -> None:
        """A publisher's sign of life. Raises ``ForbiddenError`` when it has no business here: disconnect it."""
        latest = await self._latest_or_forbid(channel_id)
        channel = await self._channels.get(channel_id)
        policy.may_stream(banned=(await self._users.get(channel.owner_id)).banned)
        if latest.dropped_at and latest.publisher.client_id == client_id:
            await self._resume(latest, latest.publisher)
        elif not await self._streams.set_seen(latest.stream_id, client_id, self._now()):
            raise ForbiddenError("This publisher's stream is over.")

    async def publisher_gone(self, channel_id: str, client_id: str) -> None:
        """A publisher disconnected: its stream waits for it. Anyone else's leaving changes nothing."""
        try:
            latest = await self._streams.latest(channel_id)
        except NotFoundError:
            return
        await self._drop(latest, client_id)

    async def end(self, user_id: str) -> None:
        """End the stream on this user's own channel at once and disconnect its publisher; raises ``NotFoundError``."""
        channel = await self._channels.get_by_owner(user_id)
        stream = await self._streams.latest(channel.channel_id)
        if not stream.ended_at:
            await self._end(stream, by_owner=True)
        try:
            await self._ingest.drop(channel.channel_id)
        except IngestUnavailableError:
            log.warning("ingest does not answer: a publisher of an ended stream is refused at its next heartbeat")

    async def reap(self) -> None:
        """Bring the store in line with who really publishes: end what is over, drop who vanished, see who is there."""
        open_streams = await self._streams.all_open()
        if not open_streams:
            return
        try:
            publishers = await self._ingest.publishers()
        except IngestUnavailableError:
            publishers = None
        now = self._now()
        for stream in open_streams:
            await self._reap_one(stream, publishers, now)

    async def live(self) -> list[Broadcast]:
        """Every open stream with its channel, newest first."""
        streams = await self._streams.all_open()
        channels = {c.channel_id: c for c in await self._channels.get_many([s.channel_id for s in streams])}
        return [Broadcast(channels[s.channel_id], s) for s in streams if s.channel_id in channels]

    async def current(self, channel_id: str) -> Stream | None:
        """The channel's open stream, if it has one."""
        try:
            latest = await self._streams.latest(channel_id)
        except NotFoundError:
            return None
        return None if latest.ended_at else latest

    async def _channel_of_key(self, channel_id: str, secret: str) -> Channel:
        try:
            channel = await self._channels.get_by_key_hash(self._keys.hash(secret))
        except NotFoundError:
            channel = None
        if channel is None or channel.channel_id != channel_id:
            raise ForbiddenError("This stream key opens no channel. Copy it again from the studio.")
        return channel

    async def _latest_or_forbid(self, channel_id: str) -> Stream:
        try:
            latest = await self._streams.latest(channel_id)
        except NotFoundError:
            raise ForbiddenError("There is no such stream.") from None
        if latest.ended_at:
            raise ForbiddenError("This stream is over.")
        return latest

    async def _begin(self, channel: Channel, publisher: Publisher) -> Stream:
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
            )
        )
        return stream

    async def _resume(self, stream: Stream, publisher: Publisher) -> Stream:
        now = self._now()
        if not await self._streams.set_publisher(stream.stream_id, stream.publisher, publisher, now):
            raise ConflictError("Someone else took this channel in the same moment.")
        resumed = replace(stream, publisher=publisher, seen_at=now, dropped_at=None)
        await self._say_updated(resumed)
        return resumed

    async def _drop(self, stream: Stream, client_id: str) -> None:
        now = self._now()
        if await self._streams.set_dropped(stream.stream_id, client_id, now):
            await self._say_updated(replace(stream, dropped_at=now))

    async def _end(self, stream: Stream, *, by_owner: bool) -> None:
        now = self._now()
        if await self._streams.end(stream.stream_id, now, by_owner=by_owner):
            await self._bus.announce(
                StreamEnded(
                    at=now,
                    channel_id=stream.channel_id,
                    stream_id=stream.stream_id,
                    duration_seconds=stream.duration(now).total_seconds(),
                )
            )

    async def _say_updated(self, stream: Stream) -> None:
        await self._bus.announce(
            StreamUpdated(
                at=self._now(),
                channel_id=stream.channel_id,
                stream_id=stream.stream_id,
                title=stream.title,
                category=stream.category,
                publisher_connected=stream.dropped_at is None,
            )
        )

    async def _is_publishing(self, stream: Stream) -> bool:
        try:
            publishers = await self._ingest.publishers()
        except IngestUnavailableError:
            return not policy.has_vanished(stream, self._now(), self._times.publisher_timeout)
        return publishers.get(stream.channel_id) == stream.publisher.client_id

    async def _reap_one(self, stream: Stream, publishers: dict[str, str] | None, now: datetime) -> None:
        client_id = stream.publisher.client_id
        here = publishers is not None and publishers.get(stream.channel_id) == client_id
        if policy.is_over(stream, now, self._times.reconnect_grace):
            await self._end(stream, by_owner=False)
        elif here and stream.dropped_at is None:
            await self._streams.set_seen(stream.stream_id, client_id, now)
        elif publishers is not None and now - stream.seen_at > SIGHTING_INTERVAL:
            await self._drop(stream, client_id)
        elif policy.has_vanished(stream, now, self._times.publisher_timeout):
            await self._drop(stream, client_id)
