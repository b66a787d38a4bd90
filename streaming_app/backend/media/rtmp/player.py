"""Plays a live stream from nginx-rtmp: tracks and frames of one publisher, as they arrive."""

import asyncio
from collections.abc import AsyncGenerator, Callable

from streaming_app.backend.media.rtmp.errors import IngestReadError
from streaming_app.backend.media.rtmp.flv import FlvReader
from streaming_app.backend.media.rtmp.session import PlaySession
from streaming_app.backend.media.tracks import Media

SILENCE_SECONDS = 15.0
"""Without a byte from nginx it counts as dead: nginx drops a publisher that is silent for 10 s, and says so.

Before the first frame nginx has nothing to say: after so long nobody is expected any more.
"""
READ_BYTES = 256 * 1024


async def play(host: str, port: int, application: str, name: str, joined: Callable[[], None]) -> AsyncGenerator[Media]:
    """All that the publisher of ``name`` sends, in order of arrival; raises ``IngestReadError``.

    ``joined`` is called once nothing is missed any more; with nginx's ``idle_streams`` that is before a publisher
    comes, too. A track comes before its frames, and again when it changes. It ends when the publisher has left or does
    not come. A connection that breaks without nginx having said so is an error. Close it (``aclose``) to hang up.
    """
    session = PlaySession(f"rtmp://{host}:{port}/{application}", application, name, joined)
    flv = FlvReader()
    reader, writer = await _connect(host, port)
    silence_timer = _SilenceTimer(reader, writer)
    try:
        while not session.has_ended:
            received = await _exchange(reader, writer, session.take_outgoing())
            silence_timer.reset()
            for message in session.feed(received):
                for media in flv.read(message):
                    yield media
                    silence_timer.reset()  # the consumer may have taken its time
    except _SilentError:
        if not session.is_waiting:
            raise
    finally:
        silence_timer.cancel()
        writer.transport.abort()


class _SilentError(IngestReadError):
    """No data arrived in time."""


class _SilenceTimer:
    """Closes a silent connection. One timer serves all reads, because a timer per read doubles the cost of a read."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._loop = asyncio.get_running_loop()
        self._received_at = self._loop.time()
        self._timer = self._loop.call_at(self._received_at + SILENCE_SECONDS, self._check)

    def reset(self) -> None:
        self._received_at = self._loop.time()

    def cancel(self) -> None:
        self._timer.cancel()

    def _check(self) -> None:
        ends_at = self._received_at + SILENCE_SECONDS
        if self._loop.time() < ends_at:
            self._timer = self._loop.call_at(ends_at, self._check)
            return
        self._reader.set_exception(_SilentError(f"nginx was silent for {SILENCE_SECONDS:g} s."))
        self._writer.transport.abort()


async def _connect(host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        async with asyncio.timeout(SILENCE_SECONDS):
            return await asyncio.open_connection(host, port, limit=READ_BYTES)
    except TimeoutError:
        raise IngestReadError("nginx did not take the connection in time.") from None
    except OSError as failed:
        raise IngestReadError(f"nginx did not take the connection: {failed}") from failed


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, outgoing: bytes) -> bytes:
    """Send ``outgoing``, and return the data that arrives next."""
    try:
        if outgoing:
            writer.write(outgoing)
            await writer.drain()
        received = await reader.read(READ_BYTES)
    except OSError as broken:
        raise IngestReadError(f"The connection to nginx broke: {broken}") from broken
    if not received:
        raise IngestReadError("nginx closed the connection in the middle of the stream.")
    return received
