"""An RTMP publisher that sends FLV tags unchanged. ffmpeg would repair their timestamps.

``tags_of`` reads an FLV file, ``shift`` and ``shift_every`` damage its timestamps, ``connected`` connects, and
``Publisher.send`` sends the result, in real time or in a burst.
"""

import asyncio
import secrets
import struct
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from ssl import SSLContext, SSLError

from streaming_app.backend.media.rtmp import amf
from tests.rig.ports import HOST

AUDIO, VIDEO, DATA = 8, 9, 18
"""Types of FLV tags, and of the RTMP messages that carry them."""
SET_CHUNK_SIZE, COMMAND = 1, 20
CONTROL_CHANNEL, COMMAND_CHANNEL = 2, 3
MEDIA_CHANNELS = {AUDIO: 4, DATA: 5, VIDEO: 6}
CHUNK_SIZE = 4096
EXTENDED = 0xFFFFFF
HANDSHAKE_SIZE = 1536
FLV_HEADER_SIZE, TAG_HEADER_SIZE, TAG_TRAILER_SIZE = 13, 11, 4
STREAM_ID = 1
"""Number that nginx-rtmp gives the first stream of a connection."""
ACCEPTED = b"NetStream.Publish.Start"
PATIENCE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Tag:
    """One audio, video or data message."""

    kind: int
    at_ms: int
    """Time at which the tag is sent, after the start."""
    timestamp: int
    """Timestamp in the tag's header."""
    body: bytes


def tags_of(flv: bytes) -> list[Tag]:
    """Return the tags of an FLV file, each to be sent at the time of its timestamp."""
    tags: list[Tag] = []
    at = FLV_HEADER_SIZE
    while at + TAG_HEADER_SIZE <= len(flv):
        size = int.from_bytes(flv[at + 1 : at + 4])
        timestamp = flv[at + 7] << 24 | int.from_bytes(flv[at + 4 : at + 7])
        body = flv[at + TAG_HEADER_SIZE : at + TAG_HEADER_SIZE + size]
        if flv[at] == DATA:
            body = amf.encode("@setDataFrame") + body
        tags.append(Tag(flv[at], timestamp, timestamp, body))
        at += TAG_HEADER_SIZE + size + TAG_TRAILER_SIZE
    return tags


def shift(
    tags: Sequence[Tag], ms: int, *, kinds: Collection[int] = (AUDIO, VIDEO, DATA), from_ms: int = 0
) -> list[Tag]:
    """Add ``ms`` to the timestamps of tags of these kinds from ``from_ms`` on, without changing when they are sent."""
    return [
        replace(tag, timestamp=(tag.timestamp + ms) % (1 << 32)) if tag.kind in kinds and tag.at_ms >= from_ms else tag
        for tag in tags
    ]


def shift_every(tags: Sequence[Tag], count: int, ms: int) -> list[Tag]:
    """Add ``ms`` to the timestamp of every ``count``-th video frame."""
    frames = [tag for tag in tags if tag.kind == VIDEO]
    moved = set(map(id, frames[count::count]))
    return [replace(tag, timestamp=tag.timestamp + ms) if id(tag) in moved else tag for tag in tags]


class Publisher:
    """One connection. It stays open until it is closed, even if nothing is sent."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, repeats_extended_time: bool
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._repeats_extended_time = repeats_extended_time
        self._heard = b""

    def publish(self, name: str) -> None:
        """Ask to publish under this name. ``accepted`` returns the answer."""
        self._write(COMMAND_CHANNEL, COMMAND, amf.encode("createStream", 2.0, None))
        self._write(COMMAND_CHANNEL, COMMAND, amf.encode("publish", 3.0, None, name, "live"), stream_id=STREAM_ID)

    async def accepted(self) -> bool:
        """Return whether the server accepts the publisher; ``False`` if the server closes the connection."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            with suppress(ConnectionError):
                while ACCEPTED not in self._heard:
                    received = await self._reader.read(CHUNK_SIZE)
                    if not received:
                        return False
                    self._heard += received
                return True
            return False

    async def send(self, tags: Sequence[Tag], *, burst_seconds: float = float("inf")) -> None:
        """Send the tags: those of the first ``burst_seconds`` at once, the others in real time.

        Raises ``ConnectionError`` if the server has closed the connection.
        """
        loop = asyncio.get_running_loop()
        began = loop.time()
        for tag in tags:
            ahead = tag.at_ms / 1000 - burst_seconds - (loop.time() - began)
            if ahead > 0:
                await asyncio.sleep(ahead)
            self._write(MEDIA_CHANNELS[tag.kind], tag.kind, tag.body, timestamp=tag.timestamp, stream_id=STREAM_ID)
            await self._writer.drain()

    def begin_message(self, size: int) -> None:
        """Send the head of a video message of ``size`` bytes, without its body."""
        header = (0).to_bytes(3) + size.to_bytes(3) + bytes([VIDEO])
        self._writer.write(bytes([MEDIA_CHANNELS[VIDEO]]) + header + struct.pack("<I", STREAM_ID))

    def send_byte(self) -> None:
        """Send one more byte of the message that ``begin_message`` started."""
        self._writer.write(b"\x17")

    async def until_closed(self) -> None:
        """Return when the server has closed the connection."""
        with suppress(ConnectionError):
            while await self._reader.read(CHUNK_SIZE):
                pass

    def leave(self) -> None:
        """End the stream with the command ``deleteStream``. The connection stays open."""
        self._write(COMMAND_CHANNEL, COMMAND, amf.encode("deleteStream", 4.0, None, float(STREAM_ID)))

    async def open(self, application: str, software: str) -> None:
        """Do the handshake, and connect to the application."""
        self._writer.write(b"\x03" + bytes(8) + secrets.token_bytes(HANDSHAKE_SIZE - 8))
        answer = await self._reader.readexactly(1 + 2 * HANDSHAKE_SIZE)
        self._writer.write(answer[1 : 1 + HANDSHAKE_SIZE])
        self._write(CONTROL_CHANNEL, SET_CHUNK_SIZE, struct.pack(">I", CHUNK_SIZE))
        properties = {"app": application, "tcUrl": f"rtmp://{HOST}/{application}", "flashVer": software}
        self._write(COMMAND_CHANNEL, COMMAND, amf.encode("connect", 1.0, properties))

    def _write(self, channel: int, kind: int, body: bytes, *, timestamp: int = 0, stream_id: int = 0) -> None:
        extended = struct.pack(">I", timestamp) if timestamp >= EXTENDED else b""
        header = min(timestamp, EXTENDED).to_bytes(3) + len(body).to_bytes(3) + bytes([kind])
        header += struct.pack("<I", stream_id) + extended
        separator = bytes([0xC0 | channel]) + (extended if self._repeats_extended_time else b"")
        chunks = [body[at : at + CHUNK_SIZE] for at in range(0, len(body), CHUNK_SIZE)]
        self._writer.write(bytes([channel]) + header + separator.join(chunks))


@asynccontextmanager
async def connected(
    port: int,
    *,
    application: str = "live",
    software: str = "tests",
    address: str = HOST,
    repeats_extended_time: bool = True,
    tls: SSLContext | None = None,
) -> AsyncGenerator[Publisher]:
    """Yield a connected publisher, from this loopback address, while the block runs.

    With ``tls`` it publishes over TLS. Without ``repeats_extended_time`` it omits the four-byte timestamp in
    continuation chunks, as some devices do.
    """
    reader, writer = await asyncio.open_connection(HOST, port, local_addr=(address, 0), ssl=tls)
    publisher = Publisher(reader, writer, repeats_extended_time=repeats_extended_time)
    try:
        await publisher.open(application, software)
        yield publisher
    finally:
        writer.close()
        with suppress(ConnectionError, SSLError):  # a proper end of TLS fails if more data from nginx arrives
            await writer.wait_closed()
