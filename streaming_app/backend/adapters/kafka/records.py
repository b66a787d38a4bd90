"""Converts events to Kafka records and back, and makes dead letters of records that cannot be handled."""

from datetime import UTC, datetime, timedelta
from typing import Any

from streaming_app.backend.adapters.kafka.producer_session import Record
from streaming_app.backend.bus import Delivery, position_of
from streaming_app.backend.events import DEAD_LETTER_SUFFIX, Event, UndecodableEventError, decode, encode

ERROR_MAX = 500
"""Maximum length of the error text in a dead letter."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def record_of(event: Event, prefix: str) -> Record:
    """Encode ``event`` as a record of its topic."""
    return Record(prefix + event.topic, event.key.encode(), encode(event))


def delivery_of(record: Any) -> Delivery:
    """Decode a consumed record; its position comes from the broker's timestamp. Raises ``UndecodableEventError``."""
    if record.value is None:
        message = "the record has no value"
        raise UndecodableEventError(message)
    appended_at = _EPOCH + timedelta(milliseconds=record.timestamp)
    return Delivery(decode(record.value), position_of(appended_at, record.offset))


def dead_letter(record: Any, group: str, error: BaseException) -> Record:
    """Copy the record for the dead letter topic. Headers name its origin, the group that failed and the error."""
    headers = {
        "source-topic": record.topic,
        "source-partition": str(record.partition),
        "source-offset": str(record.offset),
        "group": group,
        "error": str(error)[:ERROR_MAX],
    }
    return Record(
        record.topic + DEAD_LETTER_SUFFIX, record.key, record.value, [(name, v.encode()) for name, v in headers.items()]
    )
