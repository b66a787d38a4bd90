"""Starts, continues and ends streams as publishers come and go, and lists the live streams."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from async_lru import alru_cache

from streaming_app.backend.accounts.policy import may_take_part
from streaming_app.backend.accounts.ports import Users
from streaming_app.backend.bus import Bus
from streaming_app.backend.clock_changes import ClockWatch
from streaming_app.backend.errors import ConflictError, ForbiddenError, NotFoundError
from streaming_app.backend.streams import policy
from streaming_app.backend.streams.model import Broadcast, Channel, Publisher, Stream
from streaming_app.backend.streams.policy import StreamTimeouts
from streaming_app.backend.streams.ports import Channels, Ingest, IngestUnavailableError, StreamKeys, Streams
from streaming_app.backend.streams.stream_blocks import StreamBlocks, check_not_blocked
from streaming_app.backend.streams.stream_lifecycle import StreamChanges
from streaming_app.backend.streams.streamer_requests import StreamerGate
from streaming_app.backend.streams.takeover import Takeover

log = logging.getLogger(__name__)

NEW_PUBLISHER_GRACE = timedelta(seconds=2)
"""Grace period for a publisher that was accepted after the last /stat snapshot."""
RECHECK_SECONDS = 0.5
"""How long the ingest may take to show a publisher that was just accepted."""

SHARED_READ_SECONDS = 1.0
"""How long a read is cached for other pages."""
SHARED_READS_MAX = 16


class StreamService:
    """The use cases of streams. The ingest knows who publishes; the store knows who may publish and what is live."""

    def __init__(
        self,
        users: Users,
        channels: Channels,
        streams: Streams,
        keys: StreamKeys,
        ingest: Ingest,
        bus: Bus,
        now: Callable[[], datetime],
        times: StreamTimeouts,
        takeover: Takeover | None = None,
        watch: ClockWatch | None = None,
        *,
        needs_confirmed_email: bool = False,
        blocks: StreamBlocks | None = None,
        gate: StreamerGate | None = None,
    ) -> None:
        self._users = users
        self._channels = channels
        self._streams = streams
        self._keys = keys
        self._ingest = ingest
        self._takeover = takeover or Takeover(ingest)
        self._changes = StreamChanges(streams, bus, now)
        self._now = now
        self._timeouts = times
        self._clock_watch = watch
        self._needs_confirmed_email = needs_confirmed_email
        self._blocks = blocks
        self._gate = gate
        self._shared_live = alru_cache(maxsize=SHARED_READS_MAX, ttl=SHARED_READ_SECONDS)(self._live_as_of)

    async def start(self, channel_id: str, secret: str, publisher: Publisher) -> Stream:
        """Accept a publisher. It starts a new stream, or continues the last one within the grace period.

        Raises ``ForbiddenError`` (wrong key, an owner who may not stream, stream just ended by its owner) or
        ``ConflictError`` (another publisher is active).
        """
        channel = await self._channel_of_key(channel_id, secret)
        await self._check_owner(channel)
        try:
            latest = await self._streams.latest(channel_id)
        except NotFoundError:
            return await self._changes.start(channel, publisher)
        if latest.ended_at:
            policy.may_restart(latest, self._now(), self._timeouts)
            return await self._changes.start(channel, publisher)
        if not latest.dropped_at and await self._has_live_publisher(latest):
            raise ConflictError("Another encoder is already streaming to this channel.")
        if self._is_over(latest):
            await self._changes.end_abandoned(latest)
            return await self._changes.start(channel, publisher)
        resumed = await self._changes.mark_seen(latest, publisher)
        if resumed is None:
            raise ConflictError("The channel changed at the same time. Start the stream again.")
        return resumed

    async def heartbeat(self, channel_id: str, client_id: str) -> None:
        """Record a publisher's heartbeat. Raises ``ForbiddenError`` if the publisher must be disconnected."""
        latest = await self._open_stream(channel_id)
        try:
            await self._check_owner(await self._channels.get(channel_id))
        except ForbiddenError:
            await self._changes.end(latest)
            raise
        if latest.publisher.client_id != client_id and not await self._is_publishing(channel_id, client_id):
            raise ForbiddenError("Another encoder is already streaming to this channel.")
        await self._changes.mark_seen(latest, replace(latest.publisher, client_id=client_id))

    async def publisher_gone(self, channel_id: str, client_id: str) -> None:
        """Mark the stream as reconnecting, if ``client_id`` is its publisher."""
        stream = await self.current(channel_id)
        if stream:
            await self._changes.mark_disconnected(stream, client_id)

    async def end(self, user_id: str) -> None:
        """End the stream of this user's channel now and disconnect its publisher; raises ``NotFoundError``."""
        channel = await self._channels.get_by_owner(user_id)
        stream = await self._streams.latest(channel.channel_id)
        if not stream.ended_at:
            await self._changes.end(stream, by_owner=True)
        await self._disconnect(channel.channel_id)

    async def cut_off(self, channel_id: str) -> None:
        """End the channel's stream now, if there is one, and disconnect its publisher."""
        stream = await self.current(channel_id)
        if stream:
            await self._changes.end(stream)
        await self._disconnect(channel_id)

    async def allow_restart(self, user_id: str) -> None:
        """Accept publishers of this user's channel again, even if the owner has just ended the stream.

        Raises ``NotFoundError`` if the user has no channel or it was never live.
        """
        channel = await self._channels.get_by_owner(user_id)
        stream = await self._streams.latest(channel.channel_id)
        await self._streams.allow_restart(stream.stream_id)

    def restart_delay(self, latest: Stream) -> timedelta:
        """How long publishers are still rejected after the owner's "End stream"; zero if they are not."""
        return policy.restart_delay(latest, self._now(), self._timeouts)

    async def reap(self) -> None:
        """Reconcile the store with the ingest.

        Ends streams whose grace period is over, marks streams without a publisher as reconnecting, records heartbeats,
        and disconnects publishers without a stream. The ingest is read before the store: so every publisher that it
        shows had an open stream when it was accepted, and changes of the store since then are newer and are kept.
        """
        asked_at = self._now()
        self._clock_was_set_recently()  # each time, because a change of the clock is only detected when compared
        try:
            publishers = await self._ingest.publishers()
        except IngestUnavailableError:
            publishers = None
        for stream in await self._streams.all_open():
            client_id = publishers.pop(stream.channel_id, None) if publishers else None
            if client_id is None:
                await self._reap_unpublished(stream, known=publishers is not None)
            elif policy.elapsed(max(stream.seen_at, stream.dropped_at or stream.seen_at), asked_at) > timedelta(0):
                await self._changes.mark_seen(stream, replace(stream.publisher, client_id=client_id))
        for channel_id in publishers or ():
            log.info("Someone publishes to channel %s, which has no open stream", channel_id)
            await self._disconnect(channel_id)

    async def live(self) -> list[Broadcast]:
        """Return every open stream with its channel, newest first."""
        streams = await self._streams.all_open()
        channels = {c.channel_id: c for c in await self._channels.get_many([s.channel_id for s in streams])}
        return [Broadcast(channels[s.channel_id], s) for s in streams if s.channel_id in channels]

    async def live_as_of(self, digest: str) -> list[Broadcast]:
        """Return the same as ``live``. Callers with the same ``digest`` share one read for ``SHARED_READ_SECONDS``."""
        return await self._shared_live(digest)

    async def with_channel(self, slug: str) -> tuple[Channel, Stream | None]:
        """The channel called ``slug`` and its ``latest`` stream, if it has been live; raises ``NotFoundError``."""
        return await self._channels.get_with_latest_stream(slug)

    async def get(self, stream_id: str) -> Stream:
        """Return a stream; raises ``NotFoundError``."""
        return await self._streams.get(stream_id)

    async def list_by_channel(
        self, channel_id: str, limit: int, before: tuple[datetime, str] | None = None
    ) -> list[Stream]:
        """Return the newest ``limit`` streams of a channel; see ``Streams.list_by_channel``."""
        return await self._streams.list_by_channel(channel_id, limit, before)

    async def latest(self, channel_id: str) -> Stream:
        """Return the channel's open stream, or else the one that ended last; raises ``NotFoundError``."""
        return await self._streams.latest(channel_id)

    async def current(self, channel_id: str) -> Stream | None:
        """Return the channel's open stream, or ``None``."""
        try:
            latest = await self._streams.latest(channel_id)
        except NotFoundError:
            return None
        return None if latest.ended_at else latest

    async def _live_as_of(self, _digest: str) -> list[Broadcast]:
        return await self.live()

    async def _channel_of_key(self, channel_id: str, secret: str) -> Channel:
        try:
            channel = await self._channels.get_by_key_hash(self._keys.hash(secret))
        except NotFoundError:
            channel = None
        if channel is None or channel.channel_id != channel_id:
            raise ForbiddenError("Invalid stream key. Copy it again from the studio.")
        return channel

    async def _check_owner(self, channel: Channel) -> None:
        owner = await self._users.get(channel.owner_id)
        may_take_part(owner, needs_confirmed_email=self._needs_confirmed_email)
        if self._blocks:
            check_not_blocked(await self._blocks.of(channel.channel_id), self._now())
        if self._gate:
            await self._gate.check(channel)

    async def _open_stream(self, channel_id: str) -> Stream:
        stream = await self.current(channel_id)
        if stream is None:
            raise ForbiddenError("This stream has ended.")
        return stream

    async def _has_live_publisher(self, stream: Stream) -> bool:
        """Whether a publisher is sending this stream. A silent publisher is disconnected.

        This asks the ingest, because a restarted ingest does not report the publishers that it lost.
        """
        try:
            client_id = await self._publisher_of(stream)
        except IngestUnavailableError:
            return not policy.has_vanished(stream, self._now(), self._timeouts)
        return client_id is not None and not await self._takeover.remove_silent(stream.channel_id, client_id)

    async def _publisher_of(self, stream: Stream) -> str | None:
        client_id = (await self._ingest.publishers()).get(stream.channel_id)
        if client_id is None and self._now() - stream.seen_at <= NEW_PUBLISHER_GRACE:
            await asyncio.sleep(RECHECK_SECONDS)
            client_id = (await self._ingest.publishers()).get(stream.channel_id)
        return client_id

    async def _is_publishing(self, channel_id: str, client_id: str) -> bool:
        try:
            return (await self._ingest.publishers()).get(channel_id) == client_id
        except IngestUnavailableError:
            return False

    def _is_over(self, stream: Stream) -> bool:
        """Whether the grace period is over. After a change of the wall clock, every publisher gets it again."""
        return not self._clock_was_set_recently() and policy.is_over(stream, self._now(), self._timeouts)

    def _clock_was_set_recently(self) -> bool:
        """Whether the wall clock changed so recently that durations since stored times are unreliable."""
        longest = self._timeouts.publisher_timeout + self._timeouts.reconnect_grace
        return self._clock_watch is not None and self._clock_watch.was_set_within(longest)

    async def _reap_unpublished(self, stream: Stream, *, known: bool) -> None:
        """Reap a stream that the ingest does not show; ``known`` is ``False`` if the ingest did not answer."""
        now = self._now()
        if self._is_over(stream):
            await self._changes.end_abandoned(stream)
        elif (known and policy.elapsed(stream.seen_at, now) > NEW_PUBLISHER_GRACE) or policy.has_vanished(
            stream, now, self._timeouts
        ):
            await self._changes.mark_disconnected_if_silent(stream)

    async def _disconnect(self, channel_id: str) -> None:
        try:
            await self._ingest.drop(channel_id)
        except IngestUnavailableError:
            log.warning("The ingest does not answer: a publisher without a stream is refused at its next heartbeat")
