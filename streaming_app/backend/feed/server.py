"""Opens the feed, in the web process or its own: its sockets, its ear on the bus, what it does from time to time."""

import asyncio
import gc
import logging
import resource
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from picows import ws_create_server  # pyright: ignore[reportUnknownVariableType] - what it passes on is untyped

from streaming_app.backend.accounts.origin import OwnPages, own_pages_of
from streaming_app.backend.adapters.signals import shutdown_event
from streaming_app.backend.bootstrap import Backend, now, open_backend
from streaming_app.backend.chat.hub import CHAT_LOOKBACK
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import SetupError
from streaming_app.backend.events import CHAT_TOPIC, VIEWS_TOPIC
from streaming_app.backend.feed.feed import TOPICS, Feed
from streaming_app.backend.feed.limits import BACKLOG, FRAME_FROM_CLIENT_MAX_BYTES, HANDSHAKE_SECONDS, Intervals
from streaming_app.backend.feed.sockets import open_listeners, remove_socket

log = logging.getLogger(__name__)

CLOSE_TIMEOUT_SECONDS = 1.0
"""How long viewers have to answer the last close frame."""
_FILES_BESIDE_CONNECTIONS = 512


async def run(settings: Settings) -> None:
    """Be the feed, until SIGTERM or SIGINT; raises ``SetupError``."""
    if settings.feed != "own":
        message = "The web process serves the feed. Set FEED=own, here and for the web process, to run it separately."
        raise SetupError(message)
    told = shutdown_event()
    async with open_backend(settings) as backend, open_feed(backend):
        gc.collect()
        gc.freeze()  # as in the web process: looking through what stays would hold up chat
        log.info("The feed runs")
        await told.wait()
    log.info("The feed has ended")


@asynccontextmanager
async def open_feed(
    backend: Backend, pace: Intervals | None = None, own_pages: OwnPages | None = None
) -> AsyncGenerator[Feed, None]:
    """The feed of ``backend``, listening; raises ``SetupError`` when its port or socket cannot be had."""
    pace = pace or Intervals()
    feed = Feed(backend, pace, own_pages or own_pages_of(backend.settings.public_url), now)
    async with (
        backend.bus.subscribe((CHAT_TOPIC,), feed.handle_chat, back=CHAT_LOOKBACK),
        backend.bus.subscribe(TOPICS, feed.handle),
    ):
        await feed.refresh_streams()
        _allow_open_files(backend.settings.feed_max_connections)
        servers = [await _serve(feed, listener, pace) for listener in open_listeners(backend.settings)]
        tasks = [
            asyncio.create_task(_keep_doing("count viewers", feed.broadcast_changes, pace.tick)),
            asyncio.create_task(_keep_doing("repeat its counts", feed.repeat_counts, pace.recount)),
            asyncio.create_task(
                _keep_doing("read what is live", feed.refresh_streams, pace.refresh, feed.streams_changed)
            ),
        ]
        try:
            yield feed
        finally:
            remove_socket(backend.settings)
            for server in servers:
                server.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await feed.close(CLOSE_TIMEOUT_SECONDS)
            await asyncio.gather(*(server.wait_closed() for server in servers))


@asynccontextmanager
async def open_feed_or_count_viewers(backend: Backend, own_pages: OwnPages | None = None) -> AsyncGenerator[None]:
    """The feed, where the web process is to serve it; where it is not, what its pages know of who watches."""
    if backend.settings.feed == "own":
        async with backend.bus.subscribe((VIEWS_TOPIC,), backend.audience.handle):
            yield
    else:
        async with open_feed(backend, own_pages=own_pages):
            yield


async def _serve(feed: Feed, listener: socket.socket, pace: Intervals) -> asyncio.Server:
    return await ws_create_server(
        feed.accept,
        sock=listener,
        use_aiofastnet=True,  # it takes the socket as it is, which ``LocalSocket`` needs
        logger_name=_quiet_log(),
        backlog=BACKLOG,
        max_frame_size=FRAME_FROM_CLIENT_MAX_BYTES,
        read_buffer_init_size=2 * FRAME_FROM_CLIENT_MAX_BYTES,
        websocket_handshake_timeout=HANDSHAKE_SECONDS,
        enable_auto_ping=True,
        auto_ping_idle_timeout=pace.ping,
        auto_ping_reply_timeout=pace.pong_timeout,
    )


def _quiet_log() -> "logging.LoggerAdapter[logging.Logger]":
    """Picows tells of every connection that comes and goes; of a plain logger it would make one more for each."""
    quiet = log.getChild("picows")
    quiet.setLevel(logging.WARNING)
    return logging.LoggerAdapter(quiet)


def _allow_open_files(connections: int) -> None:
    """Each connection is an open file, and a process may have far fewer than the machine would let it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + _FILES_BESIDE_CONNECTIONS
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, allowed), hard))


async def _keep_doing(
    name: str, step: Callable[[], Awaitable[None]], every_seconds: float, sooner: asyncio.Event | None = None
) -> None:
    """Take ``step`` again and again, whatever becomes of it; ``sooner`` ends a pause early."""
    sooner = sooner or asyncio.Event()
    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout(every_seconds):
                await sooner.wait()
        sooner.clear()
        [failure] = await asyncio.gather(step(), return_exceptions=True)
        if failure:
            log.error("The feed could not %s, and tries again: %r", name, failure)
