"""Publishes the lines of a process's log on the bus, for ``log-sink``: without the values, which may be about users."""

import logging
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from streaming_app.backend.adapters.logging_setup import FloodFilter
from streaming_app.backend.background_tasks import finished_within, in_background
from streaming_app.backend.bus import Bus
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import BusUnavailableError
from streaming_app.backend.events import LogRecorded
from streaming_app.backend.periodic import run_periodically
from streaming_app.backend.request_ids import current_request_id, working_on

log = logging.getLogger(__name__)

INTERVAL = timedelta(seconds=0.5)
WAITING_MAX = 2_000
"""Maximum number of lines that wait for the bus. The oldest are dropped."""
CLOSE_SECONDS = 1.0
"""When the process ends, how long to publish the rest."""
OURS = "streaming_app."
AUDIT = "streaming_app.audit."
"""Loggers of the audit log, which the store keeps for another time."""


class LogPublisher(logging.Handler):
    """Collects records of the log, and publishes them in order."""

    def __init__(self, process: str, bus: Bus) -> None:
        super().__init__(logging.INFO)
        self.addFilter(FloodFilter())
        self._process = process
        self._bus = bus
        self._waiting: deque[tuple[LogRecorded, str]] = deque(maxlen=WAITING_MAX)
        self._dropped = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Collect the record."""
        if not record.name.startswith(AUDIT):
            self._dropped += len(self._waiting) == WAITING_MAX
            self._waiting.append((_event_of(record, self._process), current_request_id()))

    async def publish(self) -> None:
        """Publish what was collected. What the bus does not accept waits for the next call."""
        try:
            while self._waiting:
                event, request_id = self._waiting[0]
                with working_on((request_id,)):
                    await self._bus.publish(event)
                if self._waiting and self._waiting[0][0] is event:  # it is not, if it was dropped meanwhile
                    self._waiting.popleft()
        except BusUnavailableError:
            return
        if self._dropped:
            log.warning("%d lines of the log were not published: the bus was away for too long", self._dropped)
            self._dropped = 0


@asynccontextmanager
async def publishing_log(process: str, settings: Settings, bus: Bus) -> AsyncGenerator[None]:
    """Publish the log of this process while the context is open, if there is Kafka."""
    if not settings.kafka_bootstrap_servers:
        yield
        return
    publisher = LogPublisher(process, bus)
    root = logging.getLogger()
    root.addHandler(publisher)
    try:
        async with in_background(run_periodically("Publishing the log", INTERVAL, publisher.publish)):
            yield
        await finished_within(CLOSE_SECONDS, publisher.publish())
    finally:
        root.removeHandler(publisher)


def _event_of(record: logging.LogRecord, process: str) -> LogRecorded:
    kind = record.exc_info[0] if record.exc_info else None
    return LogRecorded(
        at=datetime.fromtimestamp(record.created, UTC),
        process=process,
        level=record.levelname.lower(),
        logger=record.name,
        message=record.msg if record.name.startswith(OURS) and isinstance(record.msg, str) else "",
        place=f"{record.module}:{record.lineno}",
        error=kind.__name__ if kind else "",
    )
