"""Sets up logging: lines on standard error, for people or as JSON, with a limit for repeated lines.

Modules use Python's ``logging``, as libraries do; ``extra`` adds fields to a line. structlog writes all of them.
"""

import logging
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType

import structlog
from structlog.typing import EventDict, Processor

from streaming_app.backend.adapters.metrics.definitions import LOG_RECORDS
from streaming_app.backend.log_settings import LogSettings
from streaming_app.backend.request_ids import current_request_ids
from streaming_app.backend.tracing import current_trace_id

OURS = "streaming_app"
"""Parent of the loggers of the site."""
OWN_HANDLERS = ("engineio.server", "socketio.server", "uvicorn")
"""Loggers with a handler of their own, which would write lines twice or in another form."""
QUIET = {
    "aiokafka": logging.CRITICAL,  # logs several lines a second in an outage; the Kafka adapter logs outages once
    "opentelemetry": logging.CRITICAL,  # logs each attempt to send traces; the exporter logs outages once
    "httpx": logging.WARNING,  # logs a line for each request, with its URL
}
LINES_A_MINUTE = 100
"""Maximum for one kind of line, because clients could otherwise fill the disk by causing log lines."""
_KINDS_MAX = 1_000
_WINDOW_SECONDS = 60.0


class FloodFilter(logging.Filter):
    """Limits the lines of one kind in a minute. The next line after the minute includes the number of omitted lines.

    Lines are of one kind if logger, level and the first line of the message (without its arguments) are equal.
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
        kind = record.name, record.levelno, str(record.msg).partition("\n")[0]  # asyncio adds addresses of objects
        now = self._clock()
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


class LineFormatter(structlog.stdlib.ProcessorFormatter):
    """Formats records as lines for people, or as one JSON object in each line."""

    def __init__(self, process: str = "", *, as_json: bool) -> None:
        self._process = process
        renderers: list[Processor] = (
            [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
            if as_json
            else [
                structlog.dev.ConsoleRenderer(
                    timestamp_key="time",
                    colors=sys.stderr.isatty(),
                    pad_event_to=0,
                    pad_level=False,
                    sort_keys=False,
                    exception_formatter=structlog.dev.plain_traceback,
                )
            ]
        )
        super().__init__(
            processors=[self._with_time_and_place, *renderers],
            foreign_pre_chain=[structlog.stdlib.ExtraAdder()],
        )

    def _with_time_and_place(self, _: object, __: str, fields: EventDict) -> EventDict:
        record: logging.LogRecord = fields.pop("_record")
        fields.pop("_from_structlog")
        known: EventDict = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")[:23] + "Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": fields.pop("event"),
            "process": self._process,
            **_request_fields(),
            "trace_id": current_trace_id(),
        }
        return {**{name: value for name, value in known.items() if value}, **fields}


def set_up_logging() -> None:
    """Set up logging for a process. Call it once, at start: lines are for people until ``name_process`` is called."""
    handler = logging.StreamHandler()
    handler.setFormatter(LineFormatter(as_json=False))
    handler.addFilter(FloodFilter())
    logging.basicConfig(level=logging.INFO, handlers=[handler, RecordCounter(logging.WARNING)], force=True)
    logging.captureWarnings(capture=True)
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(least)
    for name in OWN_HANDLERS:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    sys.excepthook = _log_crash


def name_process(process: str, settings: LogSettings) -> None:
    """Put the name of the process in its lines, and apply ``LOG_FORMAT`` and ``LOG_LEVEL``.

    Commands that a person runs do not call it, so their lines are for people.
    """
    as_json = settings.log_format == "json" or (settings.log_format == "auto" and not sys.stderr.isatty())
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, LineFormatter):
            handler.setFormatter(LineFormatter(process, as_json=as_json))
    logging.getLogger(OURS).setLevel(settings.log_level.upper())


def _request_fields() -> EventDict:
    match current_request_ids():
        case ():
            return {}
        case (request_id,):
            return {"request_id": request_id}
        case several:
            return {"request_ids": several}


def _log_crash(kind: type[BaseException], failure: BaseException, stack: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, failure, stack)
    else:
        logging.getLogger(OURS).critical("The process ends because of an error", exc_info=failure)
