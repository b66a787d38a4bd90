"""Connects browsers to the feed, and sends them chat, viewer counts and stream changes."""

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from time import monotonic

from picows import WSCloseCode, WSUpgradeRequest, WSUpgradeResponseWithListener

from streaming_app.backend.accounts.same_origin import OwnPages
from streaming_app.backend.adapters.metrics.definitions import CHANNEL_VIEWERS, FEED_CONNECTIONS, LIVE_STREAMS
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.bus import Delivery
from streaming_app.backend.chat.hub import ChatHub, JoinSnapshot
from streaming_app.backend.client_addresses import client_address, is_within
from streaming_app.backend.connection_limits import ConnectionLimits
from streaming_app.backend.errors import (
    DomainError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    StoreUnavailableError,
)
from streaming_app.backend.events import STREAMS_TOPIC, VIEWS_TOPIC, PublisherRefused
from streaming_app.backend.feed import frames, request_parser
from streaming_app.backend.feed.connection import FeedConnection
from streaming_app.backend.feed.limits import Intervals
from streaming_app.backend.feed.live_list_notifier import LiveListNotifier
from streaming_app.backend.feed.live_stream_cache import LiveStreamCache
from streaming_app.backend.feed.measured_frames import MeasuredFrames
from streaming_app.backend.feed.request_parser import FeedRequest
from streaming_app.backend.feed.viewer_identity import ViewerIdentifier, ViewerIdentity
from streaming_app.backend.feed.viewer_presence import Presence
from streaming_app.backend.request_ids import HEADER, valid_request_id, working_on
from streaming_app.backend.streams.summary import StreamSummary, summarize
from streaming_app.backend.websockets import read_connection_header, refuse_upgrade

log = logging.getLogger(__name__)

TOPICS = (STREAMS_TOPIC, VIEWS_TOPIC)
"""Topics of ``Feed.handle``. ``CHAT_TOPIC`` is subscribed to separately, from ``chat.hub.CHAT_LOOKBACK`` ago on."""

RESTARTING = "The site is restarting. Connect again."
"""Reason of the close frame when the feed stops."""
DRAIN_STEP_SECONDS = 0.01
"""Connections that are due within this time are closed together."""

_STATUS: dict[type[DomainError], HTTPStatus] = {
    InvalidError: HTTPStatus.BAD_REQUEST,
    ForbiddenError: HTTPStatus.FORBIDDEN,
    NotFoundError: HTTPStatus.NOT_FOUND,
}


class Feed:
    """The feed of one process."""

    def __init__(
        self, backend: Backend, intervals: Intervals, own_pages: OwnPages, now: Callable[[], datetime]
    ) -> None:
        settings = backend.settings
        self._own_networks = settings.own_networks
        self._channels = backend.channels
        self._streams = backend.streams
        self._recordings = backend.recordings
        self._own_pages = own_pages
        self._hub = ChatHub(
            backend.store.chat_archive, backend.store.chat_settings, MeasuredFrames(), settings.chat_retention
        )
        self._live_streams = LiveStreamCache(backend.streams.live, self._ended_summary)
        self._presence = Presence(backend.audience, backend.bus, now)
        self._identifier = ViewerIdentifier(backend.accounts, backend.viewer_key)
        self._now = now
        self._slow_consumer_timeout = intervals.slow_consumer_timeout
        self._catalog = LiveListNotifier(intervals.tick)
        self._connections = ConnectionLimits(
            settings.feed_max_connections,
            settings.feed_max_connections_per_address,
            settings.feed_max_connections_per_account,
        )
        self._open: dict[FeedConnection, _ConnectionContext] = {}
        self._all_closed = asyncio.Event()
        self._studio_updates: set[str] = set()
        """Ids of channels whose studio pages have to refresh."""
        self.streams_changed = asyncio.Event()
        """Set when an event reports a change of a stream, so that the cache of live streams is outdated."""

    async def handle(self, batch: Sequence[Delivery]) -> None:
        """Handle events of ``TOPICS``."""
        await self._presence.handle(batch)
        self._studio_updates |= {d.event.channel_id for d in batch if isinstance(d.event, PublisherRefused)}
        if any(delivery.event.topic == STREAMS_TOPIC for delivery in batch):
            self.streams_changed.set()

    async def handle_chat(self, batch: Sequence[Delivery]) -> None:
        """Handle events of ``CHAT_TOPIC``."""
        await self._hub.handle(batch)

    def accept(self, request: WSUpgradeRequest) -> FeedConnection | WSUpgradeResponseWithListener:
        """Accept a websocket request, or reject it with an error response."""
        try:
            request_parser.check_origin(request.headers, self._own_pages)
            feed_request = request_parser.parse_request(request.path)
        except DomainError as refused:
            return refuse_upgrade(_STATUS[type(refused)], refused.public_message)
        if self._connections.is_full:
            return refuse_upgrade(HTTPStatus.SERVICE_UNAVAILABLE, "The feed is full. Try again in a moment.")
        read_connection_header(request)
        headers = request.headers
        context = _ConnectionContext(
            feed_request,
            headers.get("Cookie", ""),
            headers.get("X-Forwarded-For", ""),
            valid_request_id(headers.get(HEADER, "")),
        )
        return FeedConnection(partial(self._opened, context), self._closed, self._slow_consumer_timeout)

    async def refresh_streams(self) -> None:
        """Refresh the cache of live streams and send changes to viewers."""
        for summary in await self._live_streams.refresh():
            self._hub.broadcast(summary.channel_id, frames.stream(summary))
        self._catalog.update(self._live_streams.digest)

    async def broadcast_changes(self) -> None:
        """Send changed viewer counts to other processes and viewers, and notify moderators and owners of changes."""
        for channel_id in self._hub.pop_moderation_updates():
            self._hub.broadcast(channel_id, frames.moderation())
        for channel_id in self._studio_updates:
            self._hub.broadcast(channel_id, frames.studio())
        self._studio_updates.clear()
        await self._presence.announce_changes()
        for channel_id, viewers in self._presence.changed_counts().items():
            self._hub.broadcast(channel_id, frames.viewers(viewers))

    async def repeat_counts(self) -> None:
        """Announce all counts again, free idle rooms, and repair what lost announcements left outdated."""
        await self._presence.announce_all()
        self._hub.remove_idle_rooms()
        gone = await self._hub.refresh_settings(self._now())
        for connection in [each for each, context in self._open.items() if context.request.channel_id in gone]:
            connection.refuse(WSCloseCode.POLICY_VIOLATION, "There is no such channel.")

    async def sample(self) -> None:
        """Set the gauges of the feed's metrics."""
        LIVE_STREAMS.set(self._live_streams.live_count)
        FEED_CONNECTIONS.set(len(self._open))
        CHANNEL_VIEWERS.set(self._presence.local_viewers)

    async def drain(self, seconds: float) -> None:
        """Close the connections one after another within ``seconds``, so that not all viewers connect again at once.

        Viewers who are still connected receive messages until then. The others continue after their last message.
        """
        leaving = random.sample(tuple(self._open), len(self._open))
        began = monotonic()
        for number, connection in enumerate(leaving):
            ahead = began + seconds * number / len(leaving) - monotonic()
            if ahead > DRAIN_STEP_SECONDS:
                await asyncio.sleep(ahead)
            connection.close(WSCloseCode.GOING_AWAY, RESTARTING)

    async def close(self, seconds: float) -> None:
        """Close all connections and wait up to ``seconds`` for the clients to confirm."""
        self._catalog.close()
        for connection in tuple(self._open):
            connection.close(WSCloseCode.GOING_AWAY, RESTARTING)
        if self._open:
            self._all_closed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._all_closed.wait()
        for connection in tuple(self._open):
            connection.abort()
        await self._presence.shutdown()

    async def _ended_summary(self, channel_id: str) -> StreamSummary | None:
        """Summarize the channel's last stream; ``None`` if the channel does not exist any more."""
        try:
            channel = await self._channels.get(channel_id)
        except NotFoundError:
            return None
        stream = await self._streams.latest(channel_id)
        return summarize(channel, stream, await self._recordings.id_of(stream.stream_id))

    def _opened(self, context: "_ConnectionContext", connection: FeedConnection) -> None:
        context.address = client_address(connection.peer, context.forwarded_for, self._own_networks)
        self._open[connection] = context
        if not self._connections.add(context.address):
            connection.refuse(WSCloseCode.TRY_AGAIN_LATER, "Too many connections from your address. Close some.")
        elif context.request.channel_id:
            request_id = context.request_id if is_within(connection.peer, self._own_networks) else ""
            with working_on((request_id,)):
                context.join_task = asyncio.create_task(self._join(connection, context))
                context.join_task.add_done_callback(partial(_join_done, connection, context))
        else:
            self._catalog.subscribe(connection)

    def _closed(self, connection: FeedConnection) -> None:
        context = self._open.pop(connection)
        self._connections.remove(context.address, context.viewer.user_id if context.viewer else "")
        if context.join_task:
            context.join_task.cancel()
        self._catalog.unsubscribe(connection)
        self._hub.unsubscribe(context.request.channel_id, connection)
        if context.viewer and context.is_counted:
            self._presence.leave(context.request.channel_id, context.viewer.viewer_id)
        if not self._open:
            self._all_closed.set()

    async def _join(self, connection: FeedConnection, context: "_ConnectionContext") -> None:
        channel_id = context.request.channel_id
        context.viewer = viewer = await self._identifier.identify(context.cookies)
        if viewer.user_id and not self._connections.add_account(viewer.user_id):
            connection.refuse(WSCloseCode.TRY_AGAIN_LATER, "Too many connections from your account. Close some.")
            return
        await self._hub.join(channel_id, connection, context.request.after, partial(self._welcome, context, viewer))
        if self._hub.was_moderated_recently(channel_id):  # maybe after the moderation page loaded its data
            connection.send_control(frames.moderation())

    def _welcome(self, context: "_ConnectionContext", viewer: ViewerIdentity, snapshot: JoinSnapshot) -> bytearray:
        channel_id = context.request.channel_id
        context.is_counted = True
        viewers = self._presence.join(channel_id, viewer.viewer_id)
        return frames.welcome(self._live_streams.summary(channel_id), viewers, snapshot)


@dataclass(slots=True)
class _ConnectionContext:
    """The state of one connection."""

    request: FeedRequest
    cookies: str
    forwarded_for: str
    request_id: str
    address: str = ""
    viewer: ViewerIdentity | None = None
    join_task: asyncio.Task[None] | None = None
    is_counted: bool = False
    """Whether the connection is included in the viewer count."""


def _join_done(connection: FeedConnection, context: _ConnectionContext, task: asyncio.Task[None]) -> None:
    context.join_task = None
    context.cookies = ""
    if task.cancelled():
        return
    failure = task.exception()
    if isinstance(failure, DomainError):
        connection.refuse(WSCloseCode.POLICY_VIOLATION, failure.public_message)
    elif failure:
        if not isinstance(failure, StoreUnavailableError):  # of an outage the store has spoken already
            log.error("A viewer could not join", exc_info=failure)
        connection.refuse(WSCloseCode.TRY_AGAIN_LATER, "Chat can't be read right now. Connect again in a moment.")
