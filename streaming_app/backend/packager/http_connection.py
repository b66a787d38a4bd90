"""An HTTP connection from nginx, with one request at a time. A response may be sent much later than its request."""

import asyncio
from collections.abc import Callable
from typing import cast

import httptools

from streaming_app.backend.packager import http_responses

REQUEST_MAX_BYTES = 16 * 1024
"""Maximum size of a request with its body. nginx sends far less."""
TOO_LARGE = f"The request is larger than {REQUEST_MAX_BYTES} bytes."
ONE_AT_A_TIME = "One request at a time."

Send = Callable[[bytes], None]
Cancel = Callable[[], object]
Handle = Callable[[str, bytes, bytes, Send], Cancel | None]
"""Handles a request, given its method, URL and body.

Calls ``Send`` once, immediately or later. Returns a function that cancels the request while it has to wait.
"""


class HttpConnection(asyncio.Protocol):
    """Serves HTTP/1.1, parsed by httptools. Adds itself to ``connections`` while it is open."""

    def __init__(self, handle: Handle, connections: "set[HttpConnection]", clock: Callable[[], float]) -> None:
        self._handle = handle
        self._connections = connections
        self._clock = clock
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._url = b""
        self._body = b""
        self._received = 0
        self._is_busy = False
        self._is_rejected = False
        self._cancel: Cancel | None = None
        self._answer: Send = self._send
        self._waits_since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's class does not inherit from it
        self._connections.add(self)

    def data_received(self, data: bytes) -> None:
        if self._is_rejected:
            return
        self._received += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:  # the request has been answered already
            self.abort()
            return
        except httptools.HttpParserError:
            self._reject("This is not a valid HTTP request.")
            return
        if self._received > REQUEST_MAX_BYTES:
            self._reject(TOO_LARGE)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._transport = None
        self._connections.discard(self)
        self._cancel_waiting()

    def on_url(self, url: bytes) -> None:
        """Receive a piece of the URL. Called by httptools."""
        self._url += url

    def on_body(self, body: bytes) -> None:
        """Receive a piece of the body. Called by httptools."""
        self._body += body

    def on_message_complete(self) -> None:
        """Handle the complete request. Called by httptools."""
        if self._is_rejected:
            return
        if self._is_busy or self._received > REQUEST_MAX_BYTES:
            self._reject(ONE_AT_A_TIME if self._is_busy else TOO_LARGE)
            return
        self._is_busy = True
        method = self._parser.get_method().decode("ascii", "replace")
        url, body = self._url, self._body
        self._url = self._body = b""
        self._received = 0
        self._cancel = self._handle(method, url, body, self._answer)
        self._waits_since = self._clock()

    def time_out_before(self, instant: float) -> None:
        """Answer 503 to a request that has waited since before ``instant``."""
        if self._cancel and self._waits_since < instant:
            self._cancel_waiting()
            self._send(http_responses.error(503, "Nothing new in time. Try again."))

    def abort(self) -> None:
        """Close the connection immediately."""
        if self._transport:
            self._transport.abort()

    def _send(self, answer: bytes) -> None:
        self._is_busy = False
        self._cancel = None
        if self._transport:
            self._transport.write(answer)

    def _reject(self, message: str) -> None:
        """Send the reason and close the sending side. Ignore further input, so that the peer can read it."""
        self._cancel_waiting()
        self._is_rejected = True
        if self._transport:
            self._transport.write(http_responses.error(400, message))
            self._transport.write_eof()

    def _cancel_waiting(self) -> None:
        if self._cancel:
            self._cancel()
            self._cancel = None
