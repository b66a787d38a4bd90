"""Frames that wait for a slow viewer. When there are too many, the oldest messages are dropped."""

from collections import deque
from collections.abc import Generator

from streaming_app.backend.feed import frames

SEND_QUEUE_MAX_BYTES = 128 * 1024
"""Maximum size of the waiting frames, not counting the socket's buffers: about 800 messages."""


class SendQueue:
    """A queue of frames, oldest first. The frames themselves are shared by all slow viewers."""

    def __init__(self) -> None:
        self._frames: deque[tuple[bytearray, bool]] = deque()
        self._bytes = 0
        self._has_gap = False

    def add(self, frame: bytearray, *, droppable: bool) -> bool:
        """Add ``frame`` and drop the oldest droppable frames if necessary; ``False`` if there is still no room."""
        self._frames.append((frame, droppable))
        self._bytes += len(frame)
        while self._bytes > SEND_QUEUE_MAX_BYTES:
            oldest = next((index for index, (_, droppable) in enumerate(self._frames) if droppable), None)
            if oldest is None:
                return False
            self._bytes -= len(self._frames[oldest][0])
            del self._frames[oldest]
            self._has_gap = True
        return True

    def drain(self) -> Generator[bytearray]:
        """Yield and remove the frames one by one. If frames were dropped, begin with a ``gap`` frame."""
        if self._has_gap:
            self._has_gap = False
            yield frames.gap()
        while self._frames:
            frame, _ = self._frames.popleft()
            self._bytes -= len(frame)
            yield frame
