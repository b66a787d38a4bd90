"""What waits for a viewer who is behind: everything, or everything but the oldest messages."""

from collections import deque
from collections.abc import Generator

from streaming_app.backend.feed import frames

BACKLOG_MAX_BYTES = 128 * 1024
"""Of frames that wait beside what the socket has been given: some 800 messages."""


class Backlog:
    """Frames that wait, oldest first. All viewers who are behind share them."""

    def __init__(self) -> None:
        self._frames: deque[tuple[bytearray, bool]] = deque()
        self._bytes = 0
        self._has_gap = False

    def add(self, frame: bytearray, *, droppable: bool) -> bool:
        """Let ``frame`` wait; ``False`` when there is no room for it although everything that may go has gone."""
        self._frames.append((frame, droppable))
        self._bytes += len(frame)
        while self._bytes > BACKLOG_MAX_BYTES:
            oldest = next((index for index, (_, may_go) in enumerate(self._frames) if may_go), None)
            if oldest is None:
                return False
            self._bytes -= len(self._frames[oldest][0])
            del self._frames[oldest]
            self._has_gap = True
        return True

    def drain(self) -> Generator[bytearray]:
        """The frames, one after the other, as long as they are asked for; before all, that some are missing."""
        if self._has_gap:
            self._has_gap = False
            yield frames.gap()
        while self._frames:
            frame, _ = self._frames.popleft()
            self._bytes -= len(frame)
            yield frame
