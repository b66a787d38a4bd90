"""Reader and writer of RTMP chunks, without sockets. RTMP splits messages into chunks and interleaves the chunks."""

import struct
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from streaming_app.backend.media.rtmp.errors import IngestReadError

DEFAULT_CHUNK_SIZE = 128
MAX_MESSAGE_BYTES = 8 * 1024 * 1024
MAX_UNFINISHED_BYTES = 2 * MAX_MESSAGE_BYTES
"""Maximum size of all incomplete messages together."""
MAX_CHUNK_STREAMS = 64
"""Maximum number of chunk streams. nginx-rtmp uses seven."""
MAX_CHUNK_SIZE = 0x7FFF_FFFF
"""The first bit of a chunk size must be 0."""
EXTENDED = 0xFFFFFF
"""Value of the header's time field if four more bytes have the time. Every chunk of the message has these bytes."""
TIMESTAMP_MASK = 0xFFFF_FFFF
HEADER_BYTES = (11, 7, 3, 0)
"""Size of the message header by form: all fields; no message stream id; only the time; no fields."""
FULL, SAME_STREAM, TIME_ONLY, SAME = range(4)
ONE_BYTE_IDS = 64
"""Lower chunk stream ids are in the first byte. The values 0 and 1 mean that the id is in the next one or two bytes."""
TWO_BYTE_IDS = ONE_BYTE_IDS + 256


class MessageType(IntEnum):
    """The message types that a player needs."""

    SET_CHUNK_SIZE = 1
    ABORT = 2
    ACKNOWLEDGEMENT = 3
    USER_CONTROL = 4
    WINDOW_SIZE = 5
    PEER_BANDWIDTH = 6
    AUDIO = 8
    VIDEO = 9
    COMMAND_AMF3 = 17
    DATA = 18
    COMMAND = 20


@dataclass(frozen=True, slots=True)
class RtmpMessage:
    """A complete message."""

    type_id: int
    stream_id: int
    timestamp: int
    """Milliseconds, modulo 2^32."""
    payload: bytes


@dataclass(slots=True)
class _ChunkStream:
    timestamp: int = 0
    delta: int = 0
    length: int = 0
    type_id: int = 0
    stream_id: int = 0
    is_extended: bool = False
    unfinished: bytearray = field(default_factory=bytearray)


class _Header(NamedTuple):
    form: int
    stream: _ChunkStream
    fields: bytes
    """The message header without the extended timestamp: 11, 7, 3 or 0 bytes."""
    time: int
    is_extended: bool
    length: int


class ChunkReader:
    """Joins chunks to messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._chunk_size = DEFAULT_CHUNK_SIZE
        self._streams: dict[int, _ChunkStream] = {}
        self._unfinished_bytes = 0

    def feed(self, data: bytes) -> list[RtmpMessage]:
        """Return the messages that ``data`` completes. Raises ``IngestReadError``.

        Applies Set Chunk Size and Abort messages and does not return them.
        """
        self._buffer += data
        messages: list[RtmpMessage] = []
        at = 0
        while (end := self._read_chunk(at, messages)) is not None:
            at = end
        del self._buffer[:at]
        return messages

    def _read_chunk(self, at: int, messages: list[RtmpMessage]) -> int | None:
        """Read the chunk at ``at`` and return its end. If the chunk is incomplete, return ``None`` and read nothing."""
        basic = self._read_basic_header(at)
        if basic is None:
            return None
        form, chunk_stream_id, at = basic
        found = self._read_message_header(form, self._stream(chunk_stream_id, form), at)
        if found is None:
            return None
        header, at = found
        end = at + min(header.length - len(header.stream.unfinished), self._chunk_size)
        if end > len(self._buffer):
            return None
        self._take_chunk(header, bytes(self._buffer[at:end]), messages)
        return end

    def _read_basic_header(self, at: int) -> tuple[int, int, int] | None:
        """Return the form, the chunk stream id and the position of the message header, or ``None`` if incomplete."""
        if at >= len(self._buffer):
            return None
        form, short_id = divmod(self._buffer[at], ONE_BYTE_IDS)
        at += 1
        if short_id > 1:
            return form, short_id, at
        end = at + 1 + short_id
        if end > len(self._buffer):
            return None
        return form, ONE_BYTE_IDS + int.from_bytes(self._buffer[at:end], "little"), end

    def _stream(self, chunk_stream_id: int, form: int) -> _ChunkStream:
        stream = self._streams.get(chunk_stream_id)
        if stream is None:
            if form != FULL:
                raise IngestReadError(f"Chunk stream {chunk_stream_id} starts without a full header.")
            if len(self._streams) == MAX_CHUNK_STREAMS:
                raise IngestReadError(f"There are more than {MAX_CHUNK_STREAMS} chunk streams.")
            stream = self._streams[chunk_stream_id] = _ChunkStream()
        if stream.unfinished and form != SAME:
            raise IngestReadError("A message starts before the previous message of its chunk stream is complete.")
        return stream

    def _read_message_header(self, form: int, stream: _ChunkStream, at: int) -> tuple[_Header, int] | None:
        end = at + HEADER_BYTES[form]
        if end > len(self._buffer):
            return None
        fields = bytes(self._buffer[at:end])
        time = stream.delta if form == SAME else int.from_bytes(fields[:3], "big")
        is_extended = stream.is_extended if form == SAME else time == EXTENDED
        if is_extended:
            at, end = end, end + 4
            if end > len(self._buffer):
                return None
            time = int.from_bytes(self._buffer[at:end], "big")
        length = int.from_bytes(fields[3:6], "big") if form in {FULL, SAME_STREAM} else stream.length
        if length > MAX_MESSAGE_BYTES:
            raise IngestReadError(f"A message of {length} bytes is larger than {MAX_MESSAGE_BYTES} bytes.")
        return _Header(form, stream, fields, time, is_extended, length), end

    def _take_chunk(self, header: _Header, payload: bytes, messages: list[RtmpMessage]) -> None:
        stream = header.stream
        if not stream.unfinished:
            _begin_message(header)
        elif len(stream.unfinished) + len(payload) == stream.length:
            self._unfinished_bytes -= len(stream.unfinished)
            payload = bytes(stream.unfinished + payload)
            stream.unfinished.clear()
        if len(payload) < stream.length:
            self._keep(stream, payload)
            return
        message = RtmpMessage(stream.type_id, stream.stream_id, stream.timestamp, payload)
        if message.type_id == MessageType.SET_CHUNK_SIZE:
            self._set_chunk_size(payload)
        elif message.type_id == MessageType.ABORT:
            self._abort(payload)
        else:
            messages.append(message)

    def _keep(self, stream: _ChunkStream, payload: bytes) -> None:
        self._unfinished_bytes += len(payload)
        if self._unfinished_bytes > MAX_UNFINISHED_BYTES:
            raise IngestReadError(f"Incomplete messages are larger than {MAX_UNFINISHED_BYTES} bytes.")
        stream.unfinished += payload

    def _set_chunk_size(self, payload: bytes) -> None:
        size = unsigned(payload)
        if not 0 < size <= MAX_CHUNK_SIZE:
            raise IngestReadError(f"Invalid chunk size {size}: use 1 to {MAX_CHUNK_SIZE}.")
        self._chunk_size = size

    def _abort(self, payload: bytes) -> None:
        stream = self._streams.get(unsigned(payload))
        if stream is not None:
            self._unfinished_bytes -= len(stream.unfinished)
            stream.unfinished.clear()


def _begin_message(header: _Header) -> None:
    stream = header.stream
    stream.is_extended, stream.delta, stream.length = header.is_extended, header.time, header.length
    if header.form in {FULL, SAME_STREAM}:
        stream.type_id = header.fields[6]
    if header.form == FULL:
        stream.stream_id = int.from_bytes(header.fields[7:11], "little")
        stream.timestamp = header.time  # by the specification also the delta of the next message, if that has form SAME
    else:
        stream.timestamp = (stream.timestamp + header.time) & TIMESTAMP_MASK


def unsigned(payload: bytes) -> int:
    """Return the number in the first four bytes of a control message. Raises ``IngestReadError``."""
    if len(payload) < 4:  # noqa: PLR2004 - bytes of a number
        raise IngestReadError("A control message is too short.")
    return int.from_bytes(payload[:4], "big")


def write_message(message: RtmpMessage, chunk_stream_id: int, chunk_size: int = DEFAULT_CHUNK_SIZE) -> bytes:
    """Return the message as chunks. The first chunk has a full header, the others have form ``SAME``."""
    extended = struct.pack(">I", message.timestamp) if message.timestamp >= EXTENDED else b""
    fields = min(message.timestamp, EXTENDED).to_bytes(3, "big") + len(message.payload).to_bytes(3, "big")
    fields += bytes([message.type_id]) + struct.pack("<I", message.stream_id)
    first = _basic_header(FULL, chunk_stream_id) + fields + extended
    next_ones = _basic_header(SAME, chunk_stream_id) + extended
    pieces = [message.payload[at : at + chunk_size] for at in range(0, len(message.payload), chunk_size)]
    return first + next_ones.join(pieces)


def _basic_header(form: int, chunk_stream_id: int) -> bytes:
    if chunk_stream_id < ONE_BYTE_IDS:
        return bytes([form << 6 | chunk_stream_id])
    if chunk_stream_id < TWO_BYTE_IDS:
        return bytes([form << 6, chunk_stream_id - ONE_BYTE_IDS])
    return bytes([form << 6 | 1]) + struct.pack("<H", chunk_stream_id - ONE_BYTE_IDS)
