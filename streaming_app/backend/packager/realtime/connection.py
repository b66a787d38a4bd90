"""The websocket of one real-time viewer: skips frames, or ends, if the viewer falls behind."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from picows import WSCloseCode, WSMsgType

from streaming_app.backend.adapters.metrics.definitions import REALTIME_DROPPED
from streaming_app.backend.media.frame_fragments import MessageKind
from streaming_app.backend.packager.realtime.room import CloseReason
from streaming_app.backend.websockets import HEADROOM, ReadOnlyConnection

_FRAMES = frozenset({MessageKind.KEYFRAME, MessageKind.VIDEO, MessageKind.AUDIO})
_TEXTS = frozenset({MessageKind.DESCRIPTION, MessageKind.RENDITIONS})


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


class RealtimeConnection(ReadOnlyConnection):
    """Implements ``room.Viewer``."""

    __slots__ = (  # keeps the object compact in memory: each frame is sent to thousands of connections in a row
        "_leave_timer",
        "_limits",
        "_queue",
        "_skipped_at",
        "_slow_since",
        "_waits_for_keyframe",
    )

    def __init__(
        self,
        opened: "Callable[[RealtimeConnection], None]",
        closed: "Callable[[RealtimeConnection], None]",
        limits: SlowViewerLimits,
    ) -> None:
        super().__init__(opened, closed)
        self._limits = limits
        self._waits_for_keyframe = True
        self._queue: deque[tuple[bytearray, MessageKind]] | None = None
        """Messages of a slow viewer, which share their bytes with all viewers. ``None`` if the viewer is not slow."""
        self._slow_since = 0.0
        self._skipped_at: list[float] = []
        self._leave_timer: asyncio.TimerHandle | None = None

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
        if reason is CloseReason.TOO_SLOW and not self._is_closing:
            REALTIME_DROPPED.inc()
        self.close(reason, reason.text)

    def refuse_message(self) -> None:
        """Close the connection of a client that sends a message."""
        self.close(WSCloseCode.UNSUPPORTED_DATA, "The stream is read-only. Send only ping, pong and close.")

    def mark_closing(self) -> None:
        """Send nothing else from now on."""
        super().mark_closing()
        self._queue = None
        if self._leave_timer:
            self._leave_timer.cancel()

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
        message_type = WSMsgType.TEXT if kind in _TEXTS else WSMsgType.BINARY
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
