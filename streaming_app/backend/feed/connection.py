"""The websocket of one browser: sends frames, and closes the connection of a slow or misbehaving client."""

import asyncio
from collections.abc import Callable

from picows import WSCloseCode, WSMsgType

from streaming_app.backend.adapters.metrics.definitions import FEED_DROPPED
from streaming_app.backend.feed import frames
from streaming_app.backend.feed.send_queue import SendQueue
from streaming_app.backend.websockets import HEADROOM, ReadOnlyConnection

_TEXT, _HEADROOM = WSMsgType.TEXT, HEADROOM


class FeedConnection(ReadOnlyConnection):
    """Implements ``chat.room.Subscriber``.

    If too many bytes wait in the transport, the viewer is slow: further frames wait in a queue, which drops the oldest
    messages when it is full. A viewer who is slow for ``slow_consumer_timeout_seconds`` is disconnected.
    """

    __slots__ = (  # keeps the object compact in memory: each frame is sent to thousands of connections in a row
        "_send_queue",
        "_slow_timeout_seconds",
        "_slow_timer",
    )

    def __init__(
        self,
        opened: "Callable[[FeedConnection], None]",
        closed: "Callable[[FeedConnection], None]",
        slow_consumer_timeout_seconds: float,
    ) -> None:
        super().__init__(opened, closed)
        self._slow_timeout_seconds = slow_consumer_timeout_seconds
        self._send_queue: SendQueue | None = None
        self._slow_timer: asyncio.TimerHandle | None = None

    def send(self, frame: bytearray) -> None:
        """Send a frame of messages; a slow viewer may miss it."""
        if self._send_queue is None:
            self._transport.send_reuse_external_bytearray(_TEXT, frame, _HEADROOM)
        else:
            self._enqueue(self._send_queue, frame, may_go=True)

    def send_control(self, frame: bytearray) -> None:
        """Send any other frame, which is never dropped."""
        if self._send_queue is None:
            self._transport.send_reuse_external_bytearray(_TEXT, frame, _HEADROOM)
        else:
            self._enqueue(self._send_queue, frame, may_go=False)

    def refuse(self, code: WSCloseCode, message: str) -> None:
        """Send an ``error`` frame and close the connection."""
        if not self._is_closing:
            self._transport.send_reuse_external_bytearray(_TEXT, frames.error(message), _HEADROOM)
        self.close(code, message)

    def refuse_message(self) -> None:
        """Refuse a client that sends a message."""
        self.refuse(WSCloseCode.UNSUPPORTED_DATA, "The feed is read-only. Send only ping, pong and close.")

    def mark_closing(self) -> None:
        """Send nothing else from now on."""
        super().mark_closing()
        if self._slow_timer:
            self._slow_timer.cancel()

    def pause_writing(self) -> None:
        """Treat the viewer as slow: called when the transport holds more than ``UNSENT_HIGH_BYTES``."""
        if self._send_queue is None and not self._is_closing:
            self._send_queue = SendQueue()
            loop = asyncio.get_running_loop()
            self._slow_timer = loop.call_later(self._slow_timeout_seconds, self._close_slow)

    def resume_writing(self) -> None:
        """Send the queue, until the transport is full again: called at ``UNSENT_LOW_BYTES``."""
        if self._slow_timer:
            self._slow_timer.cancel()
        queue, self._send_queue = self._send_queue, None
        if queue is None or self._is_closing:
            return
        for frame in queue.drain():
            self.send_control(frame)
            if self._send_queue is not None:
                self._send_queue = queue
                return

    def _enqueue(self, queue: SendQueue, frame: bytearray, *, may_go: bool) -> None:
        if not self._is_closing and not queue.add(frame, droppable=may_go):
            self._close_slow()

    def _close_slow(self) -> None:
        if not self._is_closing:
            FEED_DROPPED.inc()
        self.close(WSCloseCode.TRY_AGAIN_LATER, "You are reading too slowly. Connect again; no messages are lost.")
