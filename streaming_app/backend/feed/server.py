"""Opens the feed, in the web process or a process of its own: sockets, bus subscriptions and periodic tasks."""

import asyncio
import gc
import logging
from collections.abc import AsyncGenerator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from streaming_app.backend.accounts.same_origin import OwnPages, own_pages_of
from streaming_app.backend.adapters.log_publishing import publishing_log
from streaming_app.backend.adapters.logging_setup import name_process
from streaming_app.backend.adapters.metrics.definitions import BACKEND, FEED
from streaming_app.backend.adapters.metrics.endpoint import serving_metrics
from streaming_app.backend.adapters.metrics.exposed import exposed
from streaming_app.backend.adapters.process_signals import shutdown_event
from streaming_app.backend.adapters.traces.exporting import exporting_traces
from streaming_app.backend.adapters.web_processes import feed_count, name_of
from streaming_app.backend.background_tasks import in_background
from streaming_app.backend.bootstrap import Backend, now, open_backend
from streaming_app.backend.chat.hub import CHAT_LOOKBACK
from streaming_app.backend.config import Settings
from streaming_app.backend.connection_limits import allow_open_files
from streaming_app.backend.errors import SetupError
from streaming_app.backend.events import ACCOUNTS_TOPIC, CHAT_TOPIC, VIEWS_TOPIC
from streaming_app.backend.feed.feed import TOPICS, Feed
from streaming_app.backend.feed.limits import Intervals
from streaming_app.backend.feed.sockets import open_listeners, remove_socket
from streaming_app.backend.periodic import run_periodically
from streaming_app.backend.websockets import Pings, serve_websockets

log = logging.getLogger(__name__)

CLOSE_TIMEOUT_SECONDS = 1.0
"""How long to wait for viewers to answer the close frame when the feed stops."""


async def run(settings: Settings) -> None:
    """Run the feed as a process of its own until SIGTERM or SIGINT; raises ``SetupError``."""
    if settings.feed != "own":
        message = "The web process serves the feed. Set FEED=own, here and for the web process, to run it separately."
        raise SetupError(message)
    name = name_of(settings, "feed")
    name_process(name, settings)
    shutdown = shutdown_event()
    async with (
        serving_metrics(settings, "feed", *BACKEND),
        exporting_traces(settings, "feed"),
        open_backend(settings) as backend,
        publishing_log(name, settings, backend.bus),
        open_feed(backend),
    ):
        gc.collect()
        gc.freeze()  # later collections skip the objects that exist now, which would delay chat
        log.info("The feed runs")
        await shutdown.wait()
    log.info("The feed has ended")


@asynccontextmanager
async def open_feed(
    backend: Backend,
    intervals: Intervals | None = None,
    own_pages: OwnPages | None = None,
    stopping: asyncio.Event | None = None,
) -> AsyncGenerator[Feed, None]:
    """Open the feed and listen; raises ``SetupError`` if the port or the socket is not available.

    When ``stopping`` is set, or else when the context ends, the feed stops listening and disconnects its viewers.
    """
    stopping = stopping or asyncio.Event()
    intervals = intervals or Intervals()
    feed = Feed(backend, intervals, own_pages or own_pages_of(backend.settings.public_url), now)
    async with (
        backend.bus.subscribe((CHAT_TOPIC, ACCOUNTS_TOPIC), feed.handle_chat, back=CHAT_LOOKBACK),
        backend.bus.subscribe(TOPICS, feed.handle),
    ):
        await feed.refresh_streams()
        allow_open_files(backend.settings.feed_max_connections)
        pings = Pings(intervals.ping, intervals.pong_timeout)
        listeners = open_listeners(backend.settings)
        servers = [await serve_websockets(feed.accept, listener, log, pings) for listener in listeners]
        async with AsyncExitStack() as tasks:
            tasks.enter_context(exposed(FEED, feed.sample))
            for work in _periodic_work(feed, intervals):
                await tasks.enter_async_context(in_background(work))

            async def drain() -> None:
                await stopping.wait()
                remove_socket(backend.settings)
                for server in servers:
                    server.close()
                if _may_have_others(backend.settings):
                    await feed.drain(intervals.drain)

            draining = asyncio.create_task(drain())
            try:
                yield feed
            finally:
                stopping.set()
                await draining
                await tasks.aclose()
                await feed.close(CLOSE_TIMEOUT_SECONDS)
                await asyncio.gather(*(server.wait_closed() for server in servers))


@asynccontextmanager
async def open_feed_or_count_viewers(
    backend: Backend, own_pages: OwnPages | None = None, stopping: asyncio.Event | None = None
) -> AsyncGenerator[None]:
    """Open the feed if the web process serves it. Otherwise only count viewers, for the pages."""
    if backend.settings.feed == "own":
        async with backend.bus.subscribe((VIEWS_TOPIC,), backend.audience.handle):
            yield
    else:
        async with open_feed(backend, own_pages=own_pages, stopping=stopping):
            yield


def _may_have_others(settings: Settings) -> bool:
    """Whether other feeds may take the viewers of this one. If not, draining would only delay a restart."""
    return settings.redis_url is not None or feed_count(settings) > 1


def _periodic_work(feed: Feed, intervals: Intervals) -> list[Coroutine[None, None, None]]:
    return [
        run_periodically("The broadcast of changes", timedelta(seconds=intervals.tick), feed.broadcast_changes),
        run_periodically("The repetition of counts", timedelta(seconds=intervals.recount), feed.repeat_counts),
        run_periodically(
            "The refresh of live streams",
            timedelta(seconds=intervals.refresh),
            feed.refresh_streams,
            wake=feed.streams_changed,
        ),
    ]
