"""The listening sockets of the feed: a port and, for nginx on the same machine, a Unix socket."""

import socket
from contextlib import suppress
from pathlib import Path

from streaming_app.backend.adapters.live_dir import feed_socket_of, make_live_dir
from streaming_app.backend.adapters.nginx_addresses import listen_addresses
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import SetupError
from streaming_app.backend.network_settings import listen_error
from streaming_app.backend.websockets import SOCKET_BUFFER_BYTES, LocalSocket


def open_listeners(settings: Settings) -> list[socket.socket]:
    """Open the listening sockets; raises ``SetupError``."""
    found: list[socket.socket] = []
    try:
        addresses = listen_addresses(settings.internal_bind_host)
        found.extend(_on_port(address, settings.feed_port) for address in addresses)
        if path := feed_socket_of(settings):
            found.append(_on_path(path, settings))
    except SetupError:
        for listener in found:
            listener.close()
        raise
    return found


def remove_socket(settings: Settings) -> None:
    """Delete the socket's file, so that nobody connects any more, and its folder if it is empty."""
    if path := feed_socket_of(settings):
        path.unlink(missing_ok=True)
        with suppress(OSError):
            path.parent.rmdir()


def _on_port(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BUFFER_BYTES)
    if ":" in host:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # IPv4 has a socket of its own
    try:
        listener.bind((host, port))
    except OSError as refused:
        listener.close()
        raise listen_error("FEED_PORT", host, port, refused) from None
    return listener


def _on_path(path: Path, settings: Settings) -> LocalSocket:
    """Replace a socket left by a previous process. The process that has the port also owns the path."""
    listener = LocalSocket(socket.AF_UNIX)
    try:
        make_live_dir(settings)
        path.unlink(missing_ok=True)
        listener.bind(str(path))
    except OSError as refused:
        listener.close()
        message = (
            f"The feed cannot create its socket {path}: {refused.strerror}. Set LIVE_DIR to a folder of this user."
        )
        raise SetupError(message) from refused
    return listener
