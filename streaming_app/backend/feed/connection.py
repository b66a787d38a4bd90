"""The websocket of one browser: sends frames, and closes the connection of a slow or misbehaving client."""

import asyncio
from collections.abc import Callable

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from streaming_app.backend.feed import frames
from streaming_app.backend.feed.limits import CLOSE_SECONDS, UNSENT_HIGH_BYTES, UNSENT_LOW_BYTES
from streaming_app.backend.feed.send_queue import SendQueue
from streaming_app.backend.websockets import HEADROOM, HOST

_TEXT, _HEADROOM = WSMsgType.TEXT, HEADROOM


class FeedConnection(WSListener):
    """Implements ``chat.room.Subscriber``. Calls ``opened`` and ``closed`` once each.

    Bytes that the kernel does not accept wait in the transport. If they exceed ``UNSENT_HIGH_BYTES``, the viewer is
    slow: further frames wait in a queue, which drops the oldest messages when it is full. A viewer who is slow for
    ``slow_consumer_timeout_seconds`` is disconnected.
    """

    __slots__ = (  # keeps the object compact in memory: each frame is sent to thousands of connections in a row
        "_closed",
        "_is_closing",
        "_opened",
        "_send_queue",
        "_slow_timeout_seconds",
        "_slow_timer",
        "_transport",
    )

    def __init__(
        self,
        opened: "Callable[[FeedConnection], None]",
        closed: "Callable[[FeedConnection], None]",
        slow_consumer_timeout_seconds: float,
    ) -> None:
        self._opened = opened
        self._closed = closed
        self._slow_timeout_seconds = slow_consumer_timeout_seconds
        self._transport: WSTransport
        self._send_queue: SendQueue | None = None
        self._slow_timer: asyncio.TimerHandle | None = None
        self._is_closing = False

    @property
    def peer(self) -> str:
        """The peer's address. A peer on the Unix socket has none and counts as the local host."""
        peername = self._transport.underlying_transport.get_extra_info("peername")
        return str(peername[0]) if peername else HOST

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

    def close(self, code: WSCloseCode, reason: str) -> None:
        """Send a close frame after the bytes in the transport, and disconnect after ``CLOSE_SECONDS``."""
        if self._is_closing:
            return
        self._mark_closing()
        self._transport.send_close(code, reason)
        asyncio.get_running_loop().call_later(CLOSE_SECONDS, self.abort)

    def abort(self) -> None:
        """Disconnect now, without sending the bytes in the transport."""
        self._transport.disconnect(graceful=False)

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        transport.request.headers.clear()  # saves memory: picows keeps them until the connection is closed
        transport.underlying_transport.set_write_buffer_limits(UNSENT_HIGH_BYTES, UNSENT_LOW_BYTES)
        self._opened(self)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.CLOSE:
            self.close(WSCloseCode.OK, "")
            transport.disconnect()
        elif frame.msg_type != WSMsgType.PONG:
            self.refuse(WSCloseCode.UNSUPPORTED_DATA, "The feed is read-only. Send only ping, pong and close.")

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002 - picows calls it by this name
        self._mark_closing()
        self._closed(self)

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
        self.close(WSCloseCode.TRY_AGAIN_LATER, "You are reading too slowly. Connect again; no messages are lost.")

    def _mark_closing(self) -> None:
        self._is_closing = True
        if self._slow_timer:
            self._slow_timer.cancel()
