"""One browser's websocket: hands it frames, and lets it go when it cannot keep up or does not keep to the protocol."""

import asyncio
from collections.abc import Callable

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from streaming_app.backend.feed import frames
from streaming_app.backend.feed.backlog import Backlog
from streaming_app.backend.feed.limits import CLOSE_SECONDS, UNSENT_HIGH_BYTES, UNSENT_LOW_BYTES
from streaming_app.backend.feed.sockets import HOST

_TEXT, _HEADROOM = WSMsgType.TEXT, frames.HEADROOM


class FeedConnection(WSListener):
    """Implements ``chat.room.Seat``. ``opened`` and ``closed`` are called once each, with it.

    What the kernel does not take at once waits in the transport. When that is more than a little the viewer is behind:
    further frames wait in a backlog, which leaves out the oldest messages when it is full. Who stays behind for
    ``slow_consumer_timeout_seconds`` loses the seat.
    """

    __slots__ = (  # a frame goes to thousands of these in a row: what is not in one place has to be fetched first
        "_backlog",
        "_closed",
        "_is_closing",
        "_opened",
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
        self._backlog: Backlog | None = None
        self._slow_timer: asyncio.TimerHandle | None = None
        self._is_closing = False

    @property
    def peer(self) -> str:
        """The address at the other end; who comes by the socket of this machine is on it, and has none."""
        peername = self._transport.underlying_transport.get_extra_info("peername")
        return str(peername[0]) if peername else HOST

    def send(self, frame: bytearray) -> None:
        """Hand over messages, or let them wait."""
        if self._backlog is None:
            self._transport.send_reuse_external_bytearray(_TEXT, frame, _HEADROOM)
        else:
            self._enqueue(self._backlog, frame, may_go=True)

    def send_control(self, frame: bytearray) -> None:
        """Hand over anything else, or let it wait."""
        if self._backlog is None:
            self._transport.send_reuse_external_bytearray(_TEXT, frame, _HEADROOM)
        else:
            self._enqueue(self._backlog, frame, may_go=False)

    def refuse(self, code: WSCloseCode, message: str) -> None:
        """Say why, and close."""
        if not self._is_closing:
            self._transport.send_reuse_external_bytearray(_TEXT, frames.error(message), _HEADROOM)
        self.close(code, message)

    def close(self, code: WSCloseCode, reason: str) -> None:
        """Send a close frame behind what the transport holds, and give the peer a while to take it."""
        if self._is_closing:
            return
        self._mark_closing()
        self._transport.send_close(code, reason)
        asyncio.get_running_loop().call_later(CLOSE_SECONDS, self.abort)

    def abort(self) -> None:
        """Drop the connection, and what is unsent."""
        self._transport.disconnect(graceful=False)

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        transport.request.headers.clear()  # picows keeps them as long as the connection, and nobody needs them again
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
        """From now on the viewer is behind."""
        if self._backlog is None and not self._is_closing:
            self._backlog = Backlog()
            loop = asyncio.get_running_loop()
            self._slow_timer = loop.call_later(self._slow_timeout_seconds, self._close_slow)

    def resume_writing(self) -> None:
        """The viewer has taken nearly all: hand over what waits, until that is too much again."""
        if self._slow_timer:
            self._slow_timer.cancel()
        backlog, self._backlog = self._backlog, None
        if backlog is None or self._is_closing:
            return
        for frame in backlog.drain():
            self.send_control(frame)
            if self._backlog is not None:
                self._backlog = backlog
                return

    def _enqueue(self, backlog: Backlog, frame: bytearray, *, may_go: bool) -> None:
        if not self._is_closing and not backlog.add(frame, droppable=may_go):
            self._close_slow()

    def _close_slow(self) -> None:
        self.close(WSCloseCode.TRY_AGAIN_LATER, "You are reading too slowly. Connect again; no messages are lost.")

    def _mark_closing(self) -> None:
        self._is_closing = True
        if self._slow_timer:
            self._slow_timer.cancel()
