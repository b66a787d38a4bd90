"""The packager's process: it listens for requests and compares its channels with nginx."""

import asyncio
import errno
import logging
import shutil
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from functools import partial
from io import TextIOWrapper
from pathlib import Path

from streaming_app.backend.adapters.file_lock import POLL_SECONDS
from streaming_app.backend.adapters.live_dir import low_latency_dir_of, packager_socket_of, realtime_socket_of
from streaming_app.backend.adapters.metrics.definitions import DISKS, PACKAGER
from streaming_app.backend.adapters.metrics.disks import sample_disks
from streaming_app.backend.adapters.metrics.endpoint import serving_metrics
from streaming_app.backend.adapters.metrics.exposed import exposed
from streaming_app.backend.adapters.nginx_addresses import listen_addresses
from streaming_app.backend.adapters.nginx_client import APPLICATION, open_ingest
from streaming_app.backend.adapters.process_signals import shutdown_event
from streaming_app.backend.adapters.sd_notify import notify_watchdog
from streaming_app.backend.background_tasks import in_background
from streaming_app.backend.config import Settings
from streaming_app.backend.connection_limits import ConnectionLimits, allow_open_files
from streaming_app.backend.media.rtmp import player
from streaming_app.backend.network_settings import LOCAL, listen_error
from streaming_app.backend.packager.http_connection import HttpConnection
from streaming_app.backend.packager.live_dir_lock import releasing_live_dir, wait_for_live_dir
from streaming_app.backend.packager.metrics import sample_packager
from streaming_app.backend.packager.packager import Packager, PackagerConfig
from streaming_app.backend.packager.realtime.server import serving_realtime
from streaming_app.backend.packager.request_router import RequestRouter
from streaming_app.backend.periodic import run_periodically
from streaming_app.backend.streams.ports import Ingest, IngestUnavailableError

log = logging.getLogger(__name__)

BACKLOG = 4096
RECONCILE_INTERVAL = timedelta(seconds=1)
PREDECESSOR_SECONDS = 1.0
"""How long the port of the previous packager may stay in use after its lock is free."""
REQUEST_TIMEOUT_SECONDS = 9.0
"""How long a request may wait: three target durations of the longest usual kind."""


async def run(settings: Settings) -> None:
    """Wait until no other packager of this site serves, and serve until SIGTERM or SIGINT. Raises ``SetupError``.

    It does not tell the supervisor that it is alive while it opens or closes, so that it is killed if that takes long.
    """
    shutdown = shutdown_event()
    async with (
        in_background(shutdown.wait()) as stopping,
        in_background(wait_for_live_dir(settings)) as waiting,
    ):
        async with notify_watchdog():
            await asyncio.wait([waiting, stopping], return_when=asyncio.FIRST_COMPLETED)
        if waiting.done():
            async with (
                open_packager(settings, waiting.result()),
                serving_metrics(settings, "packager"),
                notify_watchdog(),
            ):
                log.info("The packager serves")
                await shutdown.wait()


@asynccontextmanager
async def open_packager(settings: Settings, lock: TextIOWrapper | None = None) -> AsyncGenerator[Packager]:
    """Open the packager of this machine's nginx, and listen.

    ``lock`` is that of the live folder; without it, waits for it. Raises ``SetupError``, before any file is deleted, if
    the packager of another site uses the folder or if the port is taken.
    """
    with releasing_live_dir(settings, lock or await wait_for_live_dir(settings)):
        folder = low_latency_dir_of(settings)
        config = PackagerConfig(
            live_dir=folder,
            window_seconds=settings.live_window.total_seconds(),
            grace_seconds=settings.reconnect_grace.total_seconds(),
            transcoders=settings.transcoders,
        )
        play = partial(player.play, settings.ingest_host, settings.ingest_port, APPLICATION)
        async with open_ingest(settings) as ingest:
            packager = Packager(config, play, time.time, asyncio.get_running_loop().time)
            limits = ConnectionLimits(
                settings.realtime_max_viewers, settings.feed_max_connections_per_address, per_account=0
            )
            allow_open_files(settings.realtime_max_viewers)
            async with (
                serving(
                    packager, settings.packager_port, packager_socket_of(settings), host=settings.internal_bind_host
                ),
                serving_realtime(packager.realtime_room, limits, realtime_socket_of(settings)),
            ):
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
                with _measured(settings, packager, limits):
                    async with _reconciling(packager, ingest):
                        yield packager
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _measured(settings: Settings, packager: Packager, realtime: ConnectionLimits) -> Generator[None]:
    with (
        exposed(PACKAGER, partial(sample_packager, packager, realtime)),
        exposed(DISKS, partial(sample_disks, settings)),
    ):
        yield


@asynccontextmanager
async def _reconciling(packager: Packager, ingest: Ingest) -> AsyncGenerator[None]:
    """Compare with nginx periodically, and close the packager at the end."""
    reconcile = partial(_reconcile_once, packager, ingest)
    try:
        async with in_background(run_periodically("The comparison with nginx", RECONCILE_INTERVAL, reconcile)):
            yield
    finally:
        await packager.close()


@asynccontextmanager
async def serving(
    packager: Packager,
    port: int,
    socket: Path | None = None,
    timeout_seconds: float = REQUEST_TIMEOUT_SECONDS,
    host: str = LOCAL,
) -> AsyncGenerator[None]:
    """Serve HTTP on a port, and on a Unix socket if given. Raises ``SetupError`` if the port is taken."""
    loop = asyncio.get_running_loop()
    connections: set[HttpConnection] = set()
    connect = partial(HttpConnection, RequestRouter(packager).handle, connections, loop.time)
    servers: list[asyncio.Server] = [await _listen(connect, host, port)]
    if socket:
        socket.parent.mkdir(parents=True, exist_ok=True)
        servers.append(await loop.create_unix_server(connect, socket, backlog=BACKLOG))
    time_out = partial(_time_out_requests, connections, timeout_seconds)
    timing_out = run_periodically("The time limit of requests", timedelta(seconds=timeout_seconds / 10), time_out)
    try:
        async with in_background(timing_out):
            yield
    finally:
        for server in servers:
            server.close()
        for connection in list(connections):
            connection.abort()
        await asyncio.gather(*(server.wait_closed() for server in servers))
        if socket:
            await asyncio.to_thread(socket.unlink, missing_ok=True)


async def _listen(connect: Callable[[], HttpConnection], host: str, port: int) -> asyncio.Server:
    """Listen as soon as the port is free: the kernel may release the lock of a killed packager before its port."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PREDECESSOR_SECONDS
    while True:
        try:
            return await loop.create_server(connect, listen_addresses(host), port, backlog=BACKLOG)
        except OSError as refused:
            if refused.errno != errno.EADDRINUSE or loop.time() > deadline:
                raise listen_error("PACKAGER_PORT", host, port, refused) from refused
        await asyncio.sleep(POLL_SECONDS)


async def _time_out_requests(connections: set[HttpConnection], timeout_seconds: float) -> None:
    """Answer requests that have waited longer than ``timeout_seconds``."""
    now = asyncio.get_running_loop().time()
    for connection in list(connections):
        connection.time_out_before(now - timeout_seconds)


async def _reconcile_once(packager: Packager, ingest: Ingest) -> None:
    """Compare with nginx, if it answers."""
    try:
        publishing = await ingest.publishers()
    except IngestUnavailableError as mute:
        log.debug("%s", mute)
    else:
        packager.reconcile(publishing)
