"""Writes the live window of a channel's own rendition, and pauses while LIVE_DIR is full."""

from collections.abc import Callable

from streaming_app.backend.media.cutter import PartialSegment, Period
from streaming_app.backend.media.live_segment import ListedPart
from streaming_app.backend.media.live_window import LiveWindow
from streaming_app.backend.packager.disk_errors import DiskErrorLog


class WindowWriter:
    """Writes parts into a window. ``on_pause`` is called when a file cannot be written.

    The files of the window are deleted then, to free space. It is tried again whenever a segment begins.
    """

    def __init__(self, window: LiveWindow, disk: DiskErrorLog, on_pause: Callable[[], None]) -> None:
        self._window = window
        self._disk = disk
        self._on_pause = on_pause
        self._period: Period | None = None
        self.is_paused = False

    def begin(self, period: Period) -> None:
        """Begin a period."""
        self._period = period
        try:
            self._window.begin_period(period.init_segment)
        except OSError as failed:
            self._pause(failed)

    def write(self, part: PartialSegment, now: float) -> ListedPart | None:
        """Write and list a part whose last frame arrived at the Unix time ``now``; ``None`` while paused."""
        if self.is_paused and not part.begins_segment:
            return None
        try:
            if self.is_paused and self._period:
                self._window.begin_period(self._period.init_segment)
            listed = self._window.add(part, now)
        except OSError as failed:
            self._pause(failed)
            return None
        self.is_paused = False
        self._disk.write_succeeded()
        return listed

    def complete(self) -> None:
        """Complete the unfinished segment."""
        try:
            self._window.close()
        except OSError as failed:
            self._pause(failed)

    def _pause(self, failed: OSError) -> None:
        self._disk.write_failed(failed)
        self.is_paused = True
        self._window.clear()
        self._on_pause()
