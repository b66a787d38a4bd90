"""A client of the real-time websocket, which collects messages as a player does."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from picows import WSError, WSFrame, WSMsgType, WSTransport, ws_connect

from streaming_app.backend.media.frame_fragments import MessageKind
from streaming_app.backend.packager.realtime.room import CloseReason
from streaming_app.backend.websockets import HEADROOM
from tests.rig.feed_client import Door, WaitingClient, unix_socket
from tests.rig.ports import HOST

RECONNECT_SECONDS = 0.1
"""Time before a player connects again."""


class RealtimeClient(WaitingClient):
    """One connection."""

    deadline_seconds = 30

    def __init__(self) -> None:
        super().__init__()
        self.descriptions: list[dict[str, Any]] = []
        self.choices: list[dict[str, Any]] = []
        """The messages about renditions."""
        self.messages: list[bytes] = []
        """The binary messages."""
        self.close_code: int | None = None

    @property
    def kinds(self) -> list[MessageKind]:
        """The kinds of the binary messages."""
        return [MessageKind(message[0]) for message in self.messages]

    def of(self, *kinds: MessageKind) -> list[bytes]:
        """Return the binary messages of these kinds, without their first byte."""
        return [message[1:] for message in self.messages if message[0] in kinds]

    @property
    def videos(self) -> int:
        """Number of video frames."""
        return len(self.of(MessageKind.KEYFRAME, MessageKind.VIDEO))

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.TEXT:
            message = json.loads(frame.get_payload_as_utf8_text())
            (self.choices if "renditions" in message else self.descriptions).append(message)
        elif frame.msg_type == WSMsgType.BINARY:
            self.messages.append(frame.get_payload_as_bytes())
        elif frame.msg_type == WSMsgType.CLOSE:
            self.close_code = int.from_bytes(frame.get_payload_as_bytes()[:2])
            transport.send_close(frame.get_close_code())
            transport.disconnect()
        self.news.set()


class ReconnectingViewer:
    """A viewer who connects again whenever the connection ends or is refused, as a player does."""

    def __init__(self, port: int, path: str) -> None:
        self._port = port
        self._path = path
        self.clients: list[RealtimeClient] = []
        """All connections. Only the last one may be open."""

    @property
    def descriptions(self) -> int:
        """Number of descriptions of periods."""
        return sum(len(client.descriptions) for client in self.clients)

    @property
    def plays(self) -> bool:
        """Whether a keyframe has arrived since the newest description."""
        kinds = self.clients[-1].kinds if self.clients else []
        return MessageKind.KEYFRAME in kinds[_last(kinds, MessageKind.VIDEO_INIT) :]

    async def watch(self) -> None:
        """Watch until cancelled."""
        while True:
            with suppress(OSError, WSError):
                async with watching(self._port, self._path) as client:
                    self.clients.append(client)
                    await client.is_gone()
            await asyncio.sleep(RECONNECT_SECONDS)


def _last(kinds: list[MessageKind], kind: MessageKind) -> int:
    return len(kinds) - 1 - kinds[::-1].index(kind) if kind in kinds else len(kinds)


class RecordingViewer:
    """A viewer without a connection. Implements ``room.Viewer``."""

    def __init__(self) -> None:
        self.kinds: list[MessageKind] = []
        """The kinds of the messages, without those about renditions."""
        self.messages: list[bytearray] = []
        self.choices: list[dict[str, Any]] = []
        self.closed_for: CloseReason | None = None

    def send(self, message: bytearray, kind: MessageKind) -> None:
        if kind is MessageKind.RENDITIONS:
            self.choices.append(json.loads(message[HEADROOM:]))
            return
        self.kinds.append(kind)
        self.messages.append(message)

    def end(self, reason: CloseReason) -> None:
        self.closed_for = reason


@asynccontextmanager
async def watching(door: Door, path: str, address: str = "192.0.2.1") -> AsyncGenerator[RealtimeClient]:
    """Connect to the front door's port, or as nginx to the packager's socket, for a viewer at ``address``."""
    client = RealtimeClient()
    socket = (lambda _: unix_socket(door)) if isinstance(door, Path) else None
    transport, _ = await ws_connect(
        lambda: client,
        f"ws://{HOST}:{80 if socket else door}{path}",
        extra_headers={"X-Forwarded-For": address},
        max_frame_size=1 << 24,
        socket_factory=socket,
    )
    try:
        yield client
    finally:
        transport.disconnect(graceful=False)


def decoding_time(message: bytes) -> int:
    """Return the decoding time of a fragment, in ticks, from its ``tfdt`` box."""
    at = message.index(b"tfdt") + 8
    return int.from_bytes(message[at : at + 8])
