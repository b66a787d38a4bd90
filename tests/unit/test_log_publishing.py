"""The lines of a process's log on the bus."""

import logging
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest

from streaming_app.backend.adapters.local_bus import LocalBus
from streaming_app.backend.adapters.log_publishing import WAITING_MAX, LogPublisher
from streaming_app.backend.adapters.logging_setup import LINES_A_MINUTE
from streaming_app.backend.events import LOGS_TOPIC, LogRecorded
from streaming_app.backend.request_ids import working_on
from tests.rig.event_recorder import EventRecorder

OURS = logging.getLogger("streaming_app.backend.x")


@pytest.fixture
def bus() -> LocalBus:
    return LocalBus(lambda: datetime.now(UTC))


@pytest.fixture
async def sink(bus: LocalBus) -> AsyncIterator[EventRecorder]:
    sink = EventRecorder()
    async with bus.subscribe([LOGS_TOPIC], sink, group="log-sink"):
        yield sink


@pytest.fixture
def publisher(bus: LocalBus, caplog: pytest.LogCaptureFixture) -> Iterator[LogPublisher]:
    """A publisher of everything that is logged."""
    caplog.set_level(logging.DEBUG)
    publisher = LogPublisher("web", bus)
    logging.getLogger().addHandler(publisher)
    yield publisher
    logging.getLogger().removeHandler(publisher)


def lines(sink: EventRecorder) -> list[LogRecorded]:
    return [delivery.event for delivery in sink.deliveries if isinstance(delivery.event, LogRecorded)]


async def test_lines_have_the_text_of_the_code_without_values(publisher: LogPublisher, sink: EventRecorder) -> None:
    with working_on(["r1"]):
        OURS.warning("Publisher %s from %s refused", "Ann", "192.0.2.7")
    try:
        raise ValueError("of Ann")  # noqa: TRY301 - to have a traceback
    except ValueError:
        OURS.error("It failed", exc_info=sys.exc_info())
    logging.getLogger("a.library").warning("Event of Ann")
    logging.getLogger("streaming_app.audit.signed_in").info("signed_in", extra={"actor": "Ann"})
    OURS.debug("small")

    await publisher.publish()

    assert [(each.level, each.logger, each.message, each.error) for each in lines(sink)] == [
        ("warning", "streaming_app.backend.x", "Publisher %s from %s refused", ""),
        ("error", "streaming_app.backend.x", "It failed", "ValueError"),
        ("warning", "a.library", "", ""),
    ]
    assert [delivery.request_id for delivery in sink.deliveries] == ["r1", "", ""]
    assert all(each.place.startswith("test_log_publishing:") for each in lines(sink))
    assert "Ann" not in str(sink.deliveries)


async def test_lines_wait_until_the_bus_accepts_them(bus: LocalBus, publisher: LogPublisher) -> None:
    OURS.warning("early")
    sink = EventRecorder(fails=1_000)
    async with bus.subscribe([LOGS_TOPIC], sink, group="log-sink"):
        await publisher.publish()
    sink = EventRecorder()
    async with bus.subscribe([LOGS_TOPIC], sink, group="log-sink"):
        await publisher.publish()

    assert "early" in [each.message for each in lines(sink)]


async def test_the_oldest_lines_are_dropped_and_counted(publisher: LogPublisher, sink: EventRecorder) -> None:
    kinds = WAITING_MAX // LINES_A_MINUTE * 2
    for number in range(WAITING_MAX + 5):
        logging.getLogger(f"streaming_app.kind{number % kinds}").warning("line")

    await publisher.publish()
    await publisher.publish()

    assert len(lines(sink)) == WAITING_MAX + 1
    assert lines(sink)[-1].message.startswith("%d lines of the log were not published")
