"""Plays a live stream from nginx-rtmp: yields the tracks and frames of a publisher as they arrive."""

import asyncio
from collections.abc import AsyncGenerator, Callable

from streaming_app.backend.media.rtmp.errors import IngestReadError
from streaming_app.backend.media.rtmp.flv import FlvReader
from streaming_app.backend.media.rtmp.session import PlaySession
from streaming_app.backend.media.tracks import Media

SILENCE_SECONDS = 15.0
"""Maximum time without data from nginx. After this time the player treats the connection as broken.

nginx disconnects a silent publisher after 10 s and tells the players. Before the first frame nginx sends nothing; if no
frame arrives in this time, the play ends without an error.
"""
READ_BYTES = 256 * 1024


async def play(host: str, port: int, application: str, name: str, joined: Callable[[], None]) -> AsyncGenerator[Media]:
    """Yield the tracks and frames of the publisher of ``name``, in order of arrival. Raises ``IngestReadError``.

    Calls ``joined`` when nginx has added the player to the stream: from then on the player misses no frame. With
    nginx's ``idle_streams`` this happens before a publisher connects. A track comes before its frames and again after
    each change. The generator ends when the publisher leaves or does not connect. It raises an error if the connection
    breaks without an end message from nginx. Close the generator (``aclose``) to disconnect.
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
                    silence_timer.reset()  # the consumer may have been slow
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
        self._reader.set_exception(_SilentError(f"nginx sent nothing for {SILENCE_SECONDS:g} s."))
        self._writer.transport.abort()


async def _connect(host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        async with asyncio.timeout(SILENCE_SECONDS):
            return await asyncio.open_connection(host, port, limit=READ_BYTES)
    except TimeoutError:
        raise IngestReadError("nginx did not accept the connection in time.") from None
    except OSError as failed:
        raise IngestReadError(f"nginx did not accept the connection: {failed}") from failed


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
