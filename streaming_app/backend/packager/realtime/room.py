"""The real-time viewers of one rendition."""

from collections.abc import Callable
from enum import IntEnum
from typing import Protocol

from streaming_app.backend.adapters.metrics.definitions import REALTIME_BYTES
from streaming_app.backend.media.cutter import Period
from streaming_app.backend.media.frame_fragments import FrameFragments, MessageKind
from streaming_app.backend.media.tracks import AudioFrame, VideoFrame
from streaming_app.backend.websockets import HEADROOM

KEPT_MAX_BYTES = 8 * 1024 * 1024
KEPT_MAX_MESSAGES = 2_000
"""Maximum of messages since the newest keyframe, 20 s with sound. After more, new viewers wait for a keyframe."""


class CloseReason(IntEnum):
    """Why the server closes a connection: the code of the close frame. The player then uses low-latency HLS."""

    ENDED = 4000
    TOO_SLOW = 4001
    RENDITION_REMOVED = 4002
    TOO_MANY_CONNECTIONS = 4003

    @property
    def text(self) -> str:
        """The reason in the close frame."""
        return self.name.lower().replace("_", " ")


class Viewer(Protocol):
    """A viewer's connection. Messages begin with ``HEADROOM`` free bytes, and are shared: nobody may change them."""

    def send(self, message: bytearray, kind: MessageKind) -> None:
        """Send a message. A viewer who falls behind skips frames until a keyframe."""
        ...

    def end(self, reason: CloseReason) -> None:
        """Tell the viewer the reason, and close the connection."""
        ...


class RealtimeRoom:
    """Sends the frames of a rendition to its viewers. Each message is made once."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """``clock`` is monotonic, in seconds."""
        self._clock = clock
        self._opened_at = clock()
        self._fragments = FrameFragments()
        self._viewers: dict[Viewer, None] = {}
        self._header: list[tuple[bytearray, MessageKind]] = []
        """The messages with which the period begins. Empty while nobody publishes."""
        self._choice: list[tuple[bytearray, MessageKind]] = []
        """The newest message about the renditions of the channel, if there is one."""
        self._kept: list[tuple[bytearray, MessageKind]] = []
        """The frames since the newest keyframe. Empty if there are too many."""
        self._kept_bytes = 0
        self._has_video = False

    @property
    def viewers(self) -> int:
        """Number of viewers."""
        return len(self._viewers)

    @property
    def is_playing(self) -> bool:
        """Whether somebody publishes."""
        return bool(self._header)

    def join(self, viewer: Viewer) -> None:
        """Add a viewer, who gets the frames since the newest keyframe and then each new one."""
        self._viewers[viewer] = None
        for message, kind in (*self._header, *(self._choice if self._header else ()), *self._kept):
            viewer.send(message, kind)

    def leave(self, viewer: Viewer) -> None:
        """Remove a viewer."""
        self._viewers.pop(viewer, None)

    @property
    def offset_ms(self) -> int | None:
        """Difference between the viewers' clock and the publisher's; ``None`` until the first frame of a period."""
        return self._fragments.offset_ms

    def begin(self, period: Period, offset_ms: int | None = None) -> None:
        """Begin a period with the next frame. ``offset_ms`` is that of the source, for another rendition."""
        elapsed_ms = round((self._clock() - self._opened_at) * 1000)
        messages = self._fragments.begin(period, elapsed_ms, offset_ms)
        self._has_video = period.video is not None
        self._header = [(shared_message(content), kind) for content, kind in messages]
        self._forget()
        for message, kind in (*self._header, *self._choice):
            self._send(message, kind)

    def set_choice(self, message: bytearray, *, tell: bool) -> None:
        """Replace the message about the renditions of the channel. ``tell`` sends it to those who watch already."""
        self._choice = [(message, MessageKind.RENDITIONS)]
        if tell and self._header:
            self._send(message, MessageKind.RENDITIONS)

    def feed(self, frame: VideoFrame | AudioFrame) -> None:
        """Send a frame. Frames outside of a period are dropped."""
        made = self._fragments.feed(frame) if self._header else None
        if made is None:
            return
        message, kind = shared_message(made), MessageKind(made[0])
        self._keep(message, kind)
        self._send(message, kind)

    def stop(self) -> None:
        """End the period: its publisher left, or sends no keyframes. New viewers wait for the next period."""
        self._header = []
        self._forget()

    def close(self, reason: CloseReason) -> None:
        """Close the connections of all viewers, who will get no more frames."""
        self.stop()
        for viewer in list(self._viewers):
            viewer.end(reason)

    def _send(self, message: bytearray, kind: MessageKind) -> None:
        REALTIME_BYTES.inc((len(message) - HEADROOM) * len(self._viewers))
        for viewer in list(self._viewers):
            viewer.send(message, kind)

    def _keep(self, message: bytearray, kind: MessageKind) -> None:
        if kind is MessageKind.KEYFRAME or not self._has_video:
            self._forget()
        elif not self._kept:
            return
        self._kept.append((message, kind))
        self._kept_bytes += len(message)
        if self._kept_bytes > KEPT_MAX_BYTES or len(self._kept) > KEPT_MAX_MESSAGES:
            self._forget()

    def _forget(self) -> None:
        self._kept, self._kept_bytes = [], 0


def shared_message(content: bytes) -> bytearray:
    """Return ``content`` with the free bytes in front of it that ``Viewer`` needs."""
    return bytearray(HEADROOM) + content
