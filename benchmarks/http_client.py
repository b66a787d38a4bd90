"""A minimal HTTP client, which needs a few microseconds a request: one request at a time on a persistent connection."""

import asyncio
import re
from collections.abc import Callable
from typing import Protocol, cast

HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)

Take = Callable[[int, bytes], None]
"""Callback with the status and the body of an answer. The body is empty if the connection does not keep bodies."""


class Lost(Protocol):
    """Callback for a lost connection."""

    def __call__(self) -> None: ...


class Connection(asyncio.Protocol):
    """A connection to one server. Answers must have a ``Content-Length``, as all of nginx's answers here do."""

    def __init__(self, host: str, take: Take, lost: Lost, *, keeps_body: bool) -> None:
        self._fields = f" HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: gzip\r\n\r\n".encode()
        self._take = take
        self._lost = lost
        self._keeps_body = keeps_body
        self._transport: asyncio.Transport | None = None
        self._head = b""
        self._status = 0
        self._left = 0
        self._body: list[bytes] = []

    def get(self, path: bytes) -> None:
        """Send a request. The answer to the previous request must have arrived."""
        if self._transport:
            self._transport.write(b"GET " + path + self._fields)

    def close(self) -> None:
        """Close the connection without waiting for an answer."""
        self._lost = _nothing
        if self._transport:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._transport = None
        self._lost()

    def data_received(self, data: bytes) -> None:
        if not self._status:
            data = self._read_head(data)
            if not self._status:
                return
        self._left -= len(data)
        if self._keeps_body:
            self._body.append(data)
        if self._left <= 0:
            status, body = self._status, b"".join(self._body)
            self._status = 0
            self._body.clear()
            self._take(status, body)

    def _read_head(self, data: bytes) -> bytes:
        """Parse the head once it is complete, and return the bytes after it."""
        head, end, rest = (self._head + data).partition(HEAD_END)
        if not end:
            self._head = head
            return b""
        self._head = b""
        self._status = int(head[9:12])
        length = _LENGTH.search(head)
        self._left = int(length[1]) if length else 0
        return rest


def _nothing() -> None:
    pass
