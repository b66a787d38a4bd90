"""The websocket of one real-time viewer: skips frames, or ends, if the viewer falls behind."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from streaming_app.backend.media.frame_fragments import MessageKind
from streaming_app.backend.packager.realtime.room import CloseReason
from streaming_app.backend.websockets import HEADROOM, HOST

UNSENT_HIGH_BYTES = 64 * 1024
"""A viewer is slow if more bytes than this wait in the transport. Further messages wait in a queue."""
UNSENT_LOW_BYTES = 16 * 1024
"""The queue of a slow viewer is sent when no more bytes than this are left."""
CLOSE_SECONDS = 5.0
"""How long a viewer may take to receive the remaining bytes and answer the close frame."""

_FRAMES = frozenset({MessageKind.KEYFRAME, MessageKind.VIDEO, MessageKind.AUDIO})


@dataclass(frozen=True, slots=True)
class SlowViewerLimits:
    """When a slow viewer skips frames, and when it must leave."""

    skip_seconds: float = 0.25
    """A keyframe replaces the queue of a viewer who is slow for longer than this."""
    leave_seconds: float = 5.0
    """A viewer who is slow for this time without interruption must leave."""
    skips_max: int = 4
    """Number of times that a viewer may skip frames within ``period_seconds``."""
    period_seconds: float = 30.0


class RealtimeConnection(WSListener):
    """Implements ``room.Viewer``. Calls ``opened`` and ``closed`` once each."""

    __slots__ = (  # keeps the object compact in memory: each frame is sent to thousands of connections in a row
        "_closed",
        "_is_closing",
        "_leave_timer",
        "_limits",
        "_opened",
        "_queue",
        "_skipped_at",
        "_slow_since",
        "_transport",
        "_waits_for_keyframe",
    )

    def __init__(
        self,
        opened: "Callable[[RealtimeConnection], None]",
        closed: "Callable[[RealtimeConnection], None]",
        limits: SlowViewerLimits,
    ) -> None:
        self._opened = opened
        self._closed = closed
        self._limits = limits
        self._transport: WSTransport
        self._is_closing = False
        self._waits_for_keyframe = True
        self._queue: deque[tuple[bytearray, MessageKind]] | None = None
        """Messages of a slow viewer, which share their bytes with all viewers. ``None`` if the viewer is not slow."""
        self._slow_since = 0.0
        self._skipped_at: list[float] = []
        self._leave_timer: asyncio.TimerHandle | None = None

    @property
    def peer(self) -> str:
        """The peer's address. A peer on the Unix socket has none and counts as the local host."""
        peername = self._transport.underlying_transport.get_extra_info("peername")
        return str(peername[0]) if peername else HOST

    def send(self, message: bytearray, kind: MessageKind) -> None:
        """Send a message. A slow viewer may miss it."""
        if self._is_closing or self._transport.underlying_transport.is_closing():
            return
        if self._waits_for_keyframe:
            if kind is MessageKind.VIDEO:
                return
            self._waits_for_keyframe = kind is not MessageKind.KEYFRAME
        if self._queue is None:
            self._write(message, kind)
        else:
            self._enqueue(self._queue, message, kind)

    def end(self, reason: CloseReason) -> None:
        """Close the connection, after the bytes in the transport."""
        self._close(reason, reason.text)

    def abort(self) -> None:
        """Disconnect now."""
        self._transport.disconnect(graceful=False)

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        transport.request.headers.clear()  # saves memory: picows keeps them until the connection is closed
        transport.underlying_transport.set_write_buffer_limits(UNSENT_HIGH_BYTES, UNSENT_LOW_BYTES)
        self._opened(self)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.CLOSE:
            self._close(WSCloseCode.OK, "")
            transport.disconnect()
        elif frame.msg_type != WSMsgType.PONG:
            self._close(WSCloseCode.UNSUPPORTED_DATA, "The stream is read-only. Send only ping, pong and close.")

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002 - picows calls it by this name
        self._mark_closing()
        self._closed(self)

    def pause_writing(self) -> None:
        """Treat the viewer as slow: called when the transport holds more than ``UNSENT_HIGH_BYTES``."""
        if self._queue is not None or self._is_closing:
            return
        self._queue = deque()
        if self._leave_timer is None:
            loop = asyncio.get_running_loop()
            self._slow_since = loop.time()
            self._leave_timer = loop.call_later(self._limits.leave_seconds, self.end, CloseReason.TOO_SLOW)

    def resume_writing(self) -> None:
        """Send the queue, until the transport is full again: called at ``UNSENT_LOW_BYTES``."""
        queue, self._queue = self._queue, None
        if queue is None or self._is_closing:
            return
        while queue:
            self._write(*queue.popleft())
            if self._queue is not None:  # the transport is full again
                self._queue = queue
                return
        if self._leave_timer:
            self._leave_timer.cancel()
            self._leave_timer = None

    def _write(self, message: bytearray, kind: MessageKind) -> None:
        message_type = WSMsgType.TEXT if kind is MessageKind.DESCRIPTION else WSMsgType.BINARY
        self._transport.send_reuse_external_bytearray(message_type, message, HEADROOM)

    def _enqueue(self, queue: deque[tuple[bytearray, MessageKind]], message: bytearray, kind: MessageKind) -> None:
        if kind is MessageKind.KEYFRAME:
            self._skip_to_keyframe(queue)
        queue.append((message, kind))

    def _skip_to_keyframe(self, queue: deque[tuple[bytearray, MessageKind]]) -> None:
        """Remove frames from the queue, unless the viewer has been slow for a moment only."""
        now = asyncio.get_running_loop().time()
        if now - self._slow_since < self._limits.skip_seconds:
            return
        kept = [item for item in queue if item[1] not in _FRAMES]
        if len(kept) == len(queue):
            return
        queue.clear()
        queue.extend(kept)
        since = now - self._limits.period_seconds
        self._skipped_at = [*(at for at in self._skipped_at if at > since), now]
        if len(self._skipped_at) > self._limits.skips_max:
            self.end(CloseReason.TOO_SLOW)

    def _close(self, code: WSCloseCode | CloseReason, reason: str) -> None:
        if self._is_closing:
            return
        self._mark_closing()
        self._transport.send_close(code, reason)  # pyright: ignore[reportArgumentType] - takes application codes too
        asyncio.get_running_loop().call_later(CLOSE_SECONDS, self.abort)

    def _mark_closing(self) -> None:
        self._is_closing = True
        self._queue = None
        if self._leave_timer:
            self._leave_timer.cancel()
