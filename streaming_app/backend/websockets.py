"""What the websocket servers share: sockets for nginx, the handshake, refusals, and the life of a connection."""

import asyncio
import json
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Self, cast

from picows import (
    WSCloseCode,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
    WSUpgradeResponseWithListener,
    ws_create_server,  # pyright: ignore[reportUnknownVariableType] - its keyword arguments are untyped
)

HOST = "127.0.0.1"
"""nginx connects from the same machine."""
HEADROOM = 14
"""Free bytes that picows needs before a message."""
MESSAGE_FROM_CLIENT_MAX_BYTES: Final = 1024
"""Maximum size of a client's message. Clients send nothing; those that try get an error."""
SOCKET_BUFFER_BYTES: Final = 64 * 1024
"""Size of the kernel's send buffer. The default would be megabytes of outdated messages."""
HANDSHAKE_SECONDS: Final = 5.0
BACKLOG: Final = 4096
"""Length of the accept queue: after a restart, all viewers connect at once."""
UNSENT_HIGH_BYTES: Final = 64 * 1024
"""A viewer is slow if more bytes than this wait in the transport."""
UNSENT_LOW_BYTES: Final = 16 * 1024
"""A slow viewer has caught up when no more bytes than this are left."""
CLOSE_SECONDS: Final = 5.0
"""How long a viewer may take to receive the remaining bytes and answer the close frame."""

Accept = Callable[[WSUpgradeRequest], WSListener | WSUpgradeResponseWithListener]
"""Accepts a request by returning its listener, or refuses it."""


@dataclass(frozen=True, slots=True)
class Pings:
    """Detect clients that are gone without closing their connection. In seconds."""

    idle: float = 15.0
    """A connection without traffic for this time gets a ping."""
    reply: float = 10.0
    """Time limit of the answer to a ping. A viewer whose machine is off is gone after 30 seconds."""


class LocalSocket(socket.socket):
    """A Unix socket that ignores TCP options, because picows sets two of them on each connection."""

    __slots__ = ()

    def accept(self) -> tuple["LocalSocket", Any]:
        accepted, address = super().accept()
        connection = LocalSocket(fileno=accepted.detach())
        connection.setsockopt(
            socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BUFFER_BYTES
        )  # not inherited by a Unix socket
        return connection, address

    def setsockopt(self, level: int, *option: Any) -> None:
        if level != socket.IPPROTO_TCP:
            super().setsockopt(level, *option)

    def getsockopt(self, level: int, *option: Any) -> Any:
        if level == socket.IPPROTO_TCP:
            return 0
        return cast("int | bytes", super().getsockopt(level, *option))


async def serve_websockets(
    accept: Accept, listener: socket.socket, log: logging.Logger, pings: Pings
) -> asyncio.Server:
    """Serve websockets on a listening socket; without lines in the log about each connection."""
    quiet = log.getChild("picows")
    quiet.setLevel(logging.WARNING)
    return await ws_create_server(
        accept,
        sock=listener,
        use_aiofastnet=True,  # accepts the socket object itself, which ``LocalSocket`` needs
        logger_name=logging.LoggerAdapter(quiet),  # picows derives a new logger for each connection from a plain one
        backlog=BACKLOG,
        max_frame_size=MESSAGE_FROM_CLIENT_MAX_BYTES,
        read_buffer_init_size=2 * MESSAGE_FROM_CLIENT_MAX_BYTES,
        websocket_handshake_timeout=HANDSHAKE_SECONDS,
        enable_auto_ping=True,
        auto_ping_idle_timeout=pings.idle,
        auto_ping_reply_timeout=pings.reply,
    )


def refuse_upgrade(status: HTTPStatus, message: str) -> WSUpgradeResponseWithListener:
    """Answer a request with an HTTP error instead of a websocket."""
    body, headers = json.dumps({"type": "error", "message": message}).encode(), {"Content-Type": "application/json"}
    return WSUpgradeResponseWithListener(WSUpgradeResponse.create_error_response(status, body, headers), None)


def read_connection_header(request: WSUpgradeRequest) -> None:
    """Normalize the header, because Firefox sends ``keep-alive, Upgrade``, and picows accepts only ``upgrade``."""
    if "upgrade" in request.headers.get("Connection", "").lower().replace(" ", "").split(","):
        request.headers["Connection"] = "upgrade"


class ReadOnlyConnection(WSListener):
    """A websocket on which only the server sends. Calls ``opened`` and ``closed`` once each.

    Bytes that the kernel does not accept wait in the transport. It calls ``pause_writing`` if they exceed
    ``UNSENT_HIGH_BYTES``, and ``resume_writing`` when ``UNSENT_LOW_BYTES`` are left.
    """

    __slots__ = ("_closed", "_is_closing", "_opened", "_transport")

    def __init__(self, opened: Callable[[Self], None], closed: Callable[[Self], None]) -> None:
        self._opened = opened
        self._closed = closed
        self._transport: WSTransport
        self._is_closing = False

    @property
    def peer(self) -> str:
        """The peer's address. A peer on the Unix socket has none and counts as the local host."""
        peername = self._transport.underlying_transport.get_extra_info("peername")
        return str(peername[0]) if peername else HOST

    def close(self, code: WSCloseCode | int, reason: str) -> None:
        """Send a close frame after the bytes in the transport, and disconnect after ``CLOSE_SECONDS``."""
        if self._is_closing:
            return
        self.mark_closing()
        self._transport.send_close(code, reason)  # pyright: ignore[reportArgumentType] - takes application codes too
        asyncio.get_running_loop().call_later(CLOSE_SECONDS, self.abort)

    def abort(self) -> None:
        """Disconnect now, without sending the bytes in the transport."""
        self._transport.disconnect(graceful=False)

    def refuse_message(self) -> None:
        """Close the connection of a client that sends a message."""
        raise NotImplementedError

    def mark_closing(self) -> None:
        """Send nothing else from now on."""
        self._is_closing = True

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        transport.request.headers.clear()  # saves memory: picows keeps them until the connection is closed
        transport.underlying_transport.set_write_buffer_limits(UNSENT_HIGH_BYTES, UNSENT_LOW_BYTES)
        self._opened(self)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.CLOSE:
            self.close(WSCloseCode.OK, "")
            transport.disconnect()
        elif frame.msg_type != WSMsgType.PONG:
            self.refuse_message()

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002 - picows calls it by this name
        self.mark_closing()
        self._closed(self)
