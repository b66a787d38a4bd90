"""What a process says about itself: lines on standard error, for people and for whatever collects them."""

import logging
import time
from collections.abc import Callable

FORMAT = "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s"
OWN_HANDLERS = ("engineio.server", "socketio.server")
"""They bring a handler of their own, so that each line would come twice."""
QUIET = {
    "aiokafka": logging.CRITICAL,  # in an outage several lines a second; the Kafka adapter says what matters once
    "httpx": logging.WARNING,  # a line for each request, address included
}
LINES_A_MINUTE = 100
"""Of one kind: who can cause a line could otherwise fill the disk with it."""
_KINDS_MAX = 1_000
_WINDOW_SECONDS = 60.0


class FloodFilter(logging.Filter):
    """Lets through so many lines of one kind a minute; the first line after that says how many were left out.

    Lines are of one kind when logger, level and message are the same before its arguments are put in.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._windows: dict[tuple[str, int, str], tuple[float, int]] = {}

    @property
    def kinds(self) -> int:
        """How many kinds of lines are counted."""
        return len(self._windows)

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written."""
        kind, now = (record.name, record.levelno, str(record.msg)), self._clock()
        since, lines = self._windows.get(kind, (now, 0))
        if now - since >= _WINDOW_SECONDS:
            if lines > LINES_A_MINUTE:
                record.msg = f"{record.msg} ({lines - LINES_A_MINUTE} lines like this one were left out)"
            since, lines = now, 0
        if len(self._windows) > _KINDS_MAX:
            self._windows.clear()
        self._windows[kind] = since, lines + 1
        return lines < LINES_A_MINUTE


def set_up_logging(level: int = logging.INFO) -> None:
    """Call once at the start of a process."""
    formatter = logging.Formatter(FORMAT, datefmt="%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    handler.addFilter(FloodFilter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(least)
    for name in OWN_HANDLERS:
        logging.getLogger(name).handlers.clear()
