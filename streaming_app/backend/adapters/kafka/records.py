"""Converts events to Kafka records and back, and makes dead letters of records that cannot be handled."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from streaming_app.backend.adapters.kafka.producer_session import Record
from streaming_app.backend.bus import Delivery, position_of
from streaming_app.backend.events import DEAD_LETTER_SUFFIX, Event, UndecodableEventError, decode, encode
from streaming_app.backend.request_ids import current_request_id, valid_request_id
from streaming_app.backend.tracing import TRACE_PARENT, current_trace_parent

REQUEST_ID = "request-id"
"""Header with the id of the request during which an event was published."""
ERROR_MAX = 500
"""Maximum length of the error text in a dead letter."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def record_of(event: Event, prefix: str) -> Record:
    """Encode ``event`` as a record of its topic."""
    headers = {REQUEST_ID: current_request_id(), TRACE_PARENT: current_trace_parent()}
    return Record(prefix + event.topic, event.key.encode(), encode(event), _encoded(headers))


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event, and where Kafka has it."""

    event: Event
    topic: str
    """Without the site's prefix."""
    partition: int
    offset: int
    appended_at: datetime
    """Time of the broker."""
    request_id: str
    """See ``Delivery``."""


def stored_event_of(record: Any, prefix: str) -> StoredEvent:
    """Decode a consumed record. Raises ``UndecodableEventError``."""
    delivery = delivery_of(record)
    topic = record.topic.removeprefix(prefix)
    appended_at = _EPOCH + timedelta(milliseconds=record.timestamp)
    return StoredEvent(delivery.event, topic, record.partition, record.offset, appended_at, delivery.request_id)


def delivery_of(record: Any) -> Delivery:
    """Decode a consumed record; its position comes from the broker's timestamp. Raises ``UndecodableEventError``."""
    if record.value is None:
        message = "the record has no value"
        raise UndecodableEventError(message)
    appended_at = _EPOCH + timedelta(milliseconds=record.timestamp)
    position = position_of(appended_at, record.offset)
    return Delivery(decode(record.value), position, _request_id_of(record), _text_of(record, TRACE_PARENT))


def dead_letter(record: Any, group: str, error: BaseException) -> Record:
    """Copy the record for the dead letter topic. Headers name its origin, the group that failed and the error."""
    headers = {
        REQUEST_ID: _request_id_of(record),
        TRACE_PARENT: _text_of(record, TRACE_PARENT),
        "source-topic": record.topic,
        "source-partition": str(record.partition),
        "source-offset": str(record.offset),
        "group": group,
        "error": str(error)[:ERROR_MAX],
    }
    return Record(record.topic + DEAD_LETTER_SUFFIX, record.key, record.value, _encoded(headers))


def _request_id_of(record: Any) -> str:
    return valid_request_id(_text_of(record, REQUEST_ID))


def _text_of(record: Any, header: str) -> str:
    given = dict(record.headers).get(header, b"")
    return given.decode("utf-8", "replace")


def _encoded(headers: Mapping[str, str]) -> list[tuple[str, bytes]]:
    return [(name, value.encode()) for name, value in headers.items() if value]
