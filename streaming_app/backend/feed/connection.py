"""One browser's websocket: hands it frames, and lets it go when it cannot keep up or does not keep to the protocol."""

import asyncio
from collections.abc import Callable

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from streaming_app.backend.feed import protocol
from streaming_app.backend.feed.limits import CLOSE_SECONDS, UNSENT_MAX_BYTES


class Connection(WSListener):
    """Implements ``chat.hub.Seat``. ``opened`` and ``closed`` are called once each, with it."""

    def __init__(self, opened: "Callable[[Connection], None]", closed: "Callable[[Connection], None]") -> None:
        self._opened = opened
        self._closed = closed
        self._transport: WSTransport
        self._unsent_bytes: Callable[[], int]
        self._is_closing = False

    @property
    def peer(self) -> str:
        """The address at the other end of the socket."""
        return str(self._transport.underlying_transport.get_extra_info("peername")[0])

    def send(self, frame: bytes) -> None:
        """Hand over ``frame``; who lets too many pile up loses the seat, and nobody waits for them."""
        if self._is_closing:
            return
        self._transport.send(WSMsgType.TEXT, frame)
        if self._unsent_bytes() > UNSENT_MAX_BYTES:
            self.close(WSCloseCode.TRY_AGAIN_LATER, "You are receiving too slowly. Connect again: nothing is lost.")

    def refuse(self, code: WSCloseCode, message: str) -> None:
        """Say why, and close."""
        self.send(protocol.error(message))
        self.close(code, message)

    def close(self, code: WSCloseCode, reason: str) -> None:
        """Send a close frame behind what is unsent, and give the peer a while to take it."""
        if self._is_closing:
            return
        self._is_closing = True
        self._transport.send_close(code, reason)
        asyncio.get_running_loop().call_later(CLOSE_SECONDS, self.abort)

    def abort(self) -> None:
        """Drop the connection, and what is unsent."""
        self._transport.disconnect(graceful=False)

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        self._unsent_bytes = transport.underlying_transport.get_write_buffer_size
        self._opened(self)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.CLOSE:
            self.close(WSCloseCode.OK, "")
            transport.disconnect()
        elif frame.msg_type != WSMsgType.PONG:
            self.refuse(WSCloseCode.UNSUPPORTED_DATA, "The feed only speaks. Send nothing but ping, pong and close.")

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002 - picows calls it by this name
        self._is_closing = True
        self._closed(self)

    def pause_writing(self) -> None:
        """Nothing: ``send`` looks at what is unsent."""

    def resume_writing(self) -> None:
        """Nothing: ``send`` looks at what is unsent."""
