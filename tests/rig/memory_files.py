"""Storage for the files of a live window in tests: a dictionary."""

from streaming_app.backend.media.cutter import CutterOutput, PartialSegment, Period
from streaming_app.backend.media.live_window import LiveWindow

OPENED_AT = 1_800_000_000.25


class MemoryFiles:
    """Implements ``media.live_window.SegmentFiles``. ``written`` contains all names ever written, in order."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.written: list[str] = []

    def write(self, name: str, data: bytes) -> None:
        assert name not in self.written, f"{name} was written before"
        self.files[name] = data
        self.written.append(name)

    def delete(self, name: str) -> None:
        self.files.pop(name, None)


def fill(window: LiveWindow, cuts: list[CutterOutput], delay_seconds: float = 0.0) -> None:
    """Add cuts to a window, each at the time at which it was complete, plus the delay."""
    for cut in cuts:
        if isinstance(cut, Period):
            window.begin_period(cut.init_segment)
        elif isinstance(cut, PartialSegment):
            window.add(cut, OPENED_AT + (cut.start_ms + cut.duration_ms) / 1000 + delay_seconds)
