"""Sets up logging: lines on standard error, with a limit for repeated lines."""

import logging
import time
from collections.abc import Callable

from streaming_app.backend.adapters.metrics.definitions import LOG_RECORDS

FORMAT = "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s"
OWN_HANDLERS = ("engineio.server", "socketio.server")
"""Loggers with a handler of their own, which would write each line twice."""
QUIET = {
    "aiokafka": logging.CRITICAL,  # logs several lines a second in an outage; the Kafka adapter logs outages once
    "httpx": logging.WARNING,  # logs a line for each request, with its URL
}
LINES_A_MINUTE = 100
"""Maximum for one kind of line, because clients could otherwise fill the disk by causing log lines."""
_KINDS_MAX = 1_000
_WINDOW_SECONDS = 60.0


class FloodFilter(logging.Filter):
    """Limits the lines of one kind in a minute. The next line after the minute includes the number of omitted lines.

    Lines are of one kind if logger, level and message (without its arguments) are equal.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._windows: dict[tuple[str, int, str], tuple[float, int]] = {}

    @property
    def kinds(self) -> int:
        """The number of kinds that are counted."""
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


class RecordCounter(logging.Handler):
    """Counts records in the metrics of the process."""

    def emit(self, record: logging.LogRecord) -> None:
        LOG_RECORDS.labels(record.levelname.lower(), record.name).inc()


def set_up_logging(level: int = logging.INFO) -> None:
    """Set up logging for this process. Call it once, at start."""
    formatter = logging.Formatter(FORMAT, datefmt="%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    handler.addFilter(FloodFilter())
    logging.basicConfig(level=level, handlers=[handler, RecordCounter(logging.WARNING)], force=True)
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(least)
    for name in OWN_HANDLERS:
        logging.getLogger(name).handlers.clear()
