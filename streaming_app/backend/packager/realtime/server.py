"""Accepts the websockets of real-time viewers: ``/rt/<channel>/<rendition>``."""

import asyncio
import logging
import re
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus
from pathlib import Path

from picows import WSUpgradeRequest, WSUpgradeResponseWithListener

from streaming_app.backend.client_addresses import client_address
from streaming_app.backend.connection_limits import ConnectionLimits
from streaming_app.backend.packager.realtime.connection import RealtimeConnection, SlowViewerLimits
from streaming_app.backend.packager.realtime.room import CloseReason, RealtimeRoom
from streaming_app.backend.streams.urls import REALTIME
from streaming_app.backend.websockets import (
    LocalSocket,
    Pings,
    read_connection_header,
    refuse_upgrade,
    serve_websockets,
)

log = logging.getLogger(__name__)

FindRoom = Callable[[str, str], RealtimeRoom | None]
"""Returns the room of a channel's rendition; ``None`` if there is none."""
_PATH = re.compile(rf"{REALTIME}(?P<channel>[A-Za-z0-9_-]{{1,64}})/(?P<rendition>[A-Za-z0-9_-]{{1,32}})")


class RealtimeServer:
    """Connects viewers with the rooms of the channels that they watch."""

    def __init__(self, find_room: FindRoom, limits: ConnectionLimits, slow: SlowViewerLimits) -> None:
        self._find_room = find_room
        self._limits = limits
        self._slow = slow
        self._open: dict[RealtimeConnection, tuple[RealtimeRoom, str]] = {}

    def accept(self, request: WSUpgradeRequest) -> RealtimeConnection | WSUpgradeResponseWithListener:
        """Accept a websocket request, or reject it with an error response. Any page may embed a stream."""
        path = _PATH.fullmatch(request.path.decode("ascii", "replace").partition("?")[0])
        room = self._find_room(path["channel"], path["rendition"]) if path else None
        if room is None:
            return refuse_upgrade(HTTPStatus.NOT_FOUND, "This channel is not live.")
        if self._limits.is_full:
            return refuse_upgrade(HTTPStatus.SERVICE_UNAVAILABLE, "Too many viewers. Play low-latency HLS instead.")
        read_connection_header(request)
        forwarded_for = request.headers.get("X-Forwarded-For", "")
        return RealtimeConnection(partial(self._opened, room, forwarded_for), self._closed, self._slow)

    def close(self) -> None:
        """Close all connections."""
        for connection in list(self._open):
            connection.abort()

    def _opened(self, room: RealtimeRoom, forwarded_for: str, connection: RealtimeConnection) -> None:
        address = client_address(connection.peer, forwarded_for)
        self._open[connection] = (room, address)
        if self._limits.add(address):
            room.join(connection)
        else:
            connection.end(CloseReason.TOO_MANY_CONNECTIONS)

    def _closed(self, connection: RealtimeConnection) -> None:
        room, address = self._open.pop(connection)
        self._limits.remove(address, "")
        room.leave(connection)


@asynccontextmanager
async def serving_realtime(
    find_room: FindRoom, limits: ConnectionLimits, path: Path | None, slow: SlowViewerLimits | None = None
) -> AsyncGenerator[None]:
    """Serve real-time viewers on a Unix socket, which nginx connects to; without a path, nobody."""
    if path is None:
        yield
        return
    listener = await asyncio.to_thread(_listen, path)
    realtime = RealtimeServer(find_room, limits, slow or SlowViewerLimits())
    server = await serve_websockets(realtime.accept, listener, log, Pings())
    try:
        yield
    finally:
        server.close()
        realtime.close()
        await server.wait_closed()
        await asyncio.to_thread(path.unlink, missing_ok=True)


def _listen(path: Path) -> LocalSocket:
    """Replace a socket left by a previous process. The caller holds the lock of the live folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    listener = LocalSocket(socket.AF_UNIX)
    listener.bind(str(path))
    return listener
