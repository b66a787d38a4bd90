"""The player's side of an RTMP connection, without sockets: handshake, commands and acknowledgements."""

import struct
from collections.abc import Callable

from streaming_app.backend.media.rtmp import amf
from streaming_app.backend.media.rtmp.chunks import (
    TIMESTAMP_MASK,
    ChunkReader,
    MessageType,
    RtmpMessage,
    unsigned,
    write_message,
)
from streaming_app.backend.media.rtmp.errors import IngestReadError

VERSION = 3
HANDSHAKE_BYTES = 1536
ANSWER_BYTES = 1 + 2 * HANDSHAKE_BYTES
WINDOW_BYTES = 2_500_000
"""Bytes that nginx may send before it needs an acknowledgement, until nginx sets another window size."""
CONTROL_CHUNKS, COMMAND_CHUNKS = 2, 3
MEDIA = {MessageType.AUDIO, MessageType.VIDEO, MessageType.DATA}
CONNECT, CREATE_STREAM, PLAY = 1, 2, 3
"""Transaction ids, in the order of the transactions."""
LIVE_ONLY = -1000
STREAM_END, PING, PONG = 1, 6, 7
"""User control events."""
PLAYS = "NetStream.Play.Start"
"""Status code that nginx also sends for a name that has no publisher yet."""
ENDINGS = {
    "NetStream.Play.UnpublishNotify",
    "NetStream.Play.Stop",
    "NetStream.Play.Complete",
    "NetStream.Play.StreamNotFound",
}
MAX_QUOTE = 120
"""Maximum number of characters of nginx's answer in an error message."""


class PlaySession:
    """Converts the bytes from nginx to audio, video and data messages, and to the bytes to send to nginx.

    Calls ``joined`` when nginx has added the player to the stream: from then on the player misses no frame.
    """

    def __init__(self, address: str, application: str, name: str, joined: Callable[[], None]) -> None:
        self.has_ended = False
        """Whether the publisher has left, or never existed."""
        self.is_waiting = False
        """Whether nginx has accepted the player, but the publisher has sent no media yet."""
        self._address = address
        self._application = application
        self._name = name
        self._joined = joined
        self._outgoing = bytearray([VERSION]) + bytes(HANDSHAKE_BYTES)  # the simple handshake needs no random bytes
        self._handshake: bytearray | None = bytearray()
        self._chunks = ChunkReader()
        self._window = WINDOW_BYTES
        self._received = 0
        self._acknowledged = 0

    def take_outgoing(self) -> bytes:
        """Return the bytes to send to nginx, and clear them."""
        taken = bytes(self._outgoing)
        self._outgoing.clear()
        return taken

    def feed(self, data: bytes) -> list[RtmpMessage]:
        """Return the audio, video and data messages that ``data`` completes. Raises ``IngestReadError``."""
        self._received += len(data)
        if self._handshake is not None:
            data = self._shake_hands(data)
        media: list[RtmpMessage] = []
        for message in self._chunks.feed(data):
            if self.has_ended:
                break
            if message.type_id in MEDIA:
                # a data message can come from nginx itself
                self.is_waiting = self.is_waiting and message.type_id == MessageType.DATA
                media.append(message)
            else:
                self._handle(message)
        if self._received - self._acknowledged >= self._window:
            self._acknowledged = self._received
            self._control(MessageType.ACKNOWLEDGEMENT, struct.pack(">I", self._received & TIMESTAMP_MASK))
        return media

    def _shake_hands(self, data: bytes) -> bytes:
        """Add ``data`` to the handshake and return the bytes after the handshake."""
        handshake = self._handshake = (self._handshake or bytearray()) + data
        if handshake and handshake[0] != VERSION:
            raise IngestReadError(f"Not an RTMP server: it answers with version {handshake[0]}, not {VERSION}.")
        if len(handshake) < ANSWER_BYTES:
            return b""
        self._handshake = None
        self._outgoing += handshake[1 : 1 + HANDSHAKE_BYTES]
        self._command("connect", CONNECT, {"app": self._application, "tcUrl": self._address, "fpad": False})
        return bytes(handshake[ANSWER_BYTES:])

    def _handle(self, message: RtmpMessage) -> None:
        match message.type_id:
            case MessageType.WINDOW_SIZE:
                # acknowledge each half window, so that nginx never has to wait
                self._window = max(1, unsigned(message.payload) // 2)
            case MessageType.PEER_BANDWIDTH:
                self._control(MessageType.WINDOW_SIZE, struct.pack(">I", unsigned(message.payload)))
            case MessageType.USER_CONTROL:
                self._handle_event(message.payload)
            case MessageType.COMMAND:
                self._handle_command(amf.decode(message.payload))
            case MessageType.COMMAND_AMF3:
                self._handle_command(amf.decode(message.payload[1:]))
            case _:
                pass

    def _handle_event(self, payload: bytes) -> None:
        event = int.from_bytes(payload[:2], "big")
        if event == PING:
            self._control(MessageType.USER_CONTROL, struct.pack(">HI", PONG, unsigned(payload[2:])))
        elif event == STREAM_END:
            self.has_ended = True

    def _handle_command(self, values: list[amf.Value]) -> None:
        match values:
            case ["_result", float(transaction), *_] if transaction == CONNECT:
                self._command("createStream", CREATE_STREAM, None)
            case ["_result", float(transaction), _, float(stream_id), *_] if transaction == CREATE_STREAM:
                self._play(stream_id)
            case ["_error", _, *answer]:
                raise IngestReadError(f"nginx refused: {_quote(answer)}")
            case ["onStatus", _, _, {"code": code}, *_] if code == PLAYS:
                self.is_waiting = True
                self._joined()
            case ["onStatus", _, _, {"code": str(code)}, *_] if code in ENDINGS:
                self.has_ended = True
            case ["onStatus", _, _, {"level": "error", "code": code}, *_]:
                raise IngestReadError(f"nginx refused: {_quote(code)}")
            case _:
                pass

    def _play(self, stream_id: float) -> None:
        if not (stream_id.is_integer() and 0 <= stream_id <= TIMESTAMP_MASK):
            raise IngestReadError(f"Invalid stream id {stream_id}.")
        self._command("play", PLAY, None, self._name, LIVE_ONLY, stream_id=int(stream_id))

    def _command(self, *values: amf.Encodable, stream_id: int = 0) -> None:
        message = RtmpMessage(MessageType.COMMAND, stream_id, 0, amf.encode(*values))
        self._outgoing += write_message(message, COMMAND_CHUNKS)

    def _control(self, type_id: MessageType, payload: bytes) -> None:
        self._outgoing += write_message(RtmpMessage(type_id, 0, 0, payload), CONTROL_CHUNKS)


def _quote(said: amf.Value) -> str:
    return repr(said)[:MAX_QUOTE]
