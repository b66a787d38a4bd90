"""Chooses the event bus by the settings: Kafka, or the bus in this process."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from streaming_app.backend.adapters import kafka
from streaming_app.backend.adapters.local_bus import LocalBus
from streaming_app.backend.bus import Bus
from streaming_app.backend.chat.ports import ChatArchive
from streaming_app.backend.config import Settings


@asynccontextmanager
async def open_bus(settings: Settings, archive: ChatArchive, now: Callable[[], datetime]) -> AsyncGenerator[Bus]:
    """Open the event bus of the settings. The local bus continues after the newest message of ``archive``."""
    if settings.kafka_bootstrap_servers:
        where = settings.kafka_bootstrap_servers, settings.kafka_topic_prefix
        async with kafka.open_bus(*where, settings.kafka_retention) as bus:
            yield bus
    else:
        yield LocalBus(now, await archive.newest_position())
