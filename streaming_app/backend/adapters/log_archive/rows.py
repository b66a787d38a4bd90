"""What the archive contains of each event: ids and numbers, and no text, name or address of a user.

So nothing in it has to be deleted with a message or an account (decision 69). Columns are chosen by name: a new event,
or a new field of an event, adds nothing until it is listed here.
"""

import hmac
from collections.abc import Mapping
from datetime import datetime

from streaming_app.backend.adapters.kafka import StoredEvent
from streaming_app.backend.events import ChatMessageSent, LogRecorded

Row = Mapping[str, object]

PLACE: dict[str, type] = {
    "topic": str,
    "partition": int,
    "offset": int,
    "appended_at": datetime,
}
"""Columns of all rows: where Kafka has the event, and since when."""
LOG_COLUMNS: dict[str, type] = {
    "event_id": str,
    "time": datetime,
    "level": str,
    "logger": str,
    "message": str,
    "place": str,
    "error": str,
    "process": str,
    "request_id": str,
    **PLACE,
}
EVENT_COLUMNS: dict[str, type] = {
    "event_id": str,
    "time": datetime,
    "type": str,
    "channel_id": str,
    "stream_id": str,
    "user_hash": str,
    "role": str,
    "text_length": int,
    "process_id": str,
    "viewers": int,
    "whole": bool,
    "publisher_connected": bool,
    "started_at": datetime,
    "ended_at": datetime,
    "duration_seconds": float,
    "by_owner": bool,
    "until": datetime,
    "slow_seconds": int,
    "followers_only_minutes": int,
    "account_age_minutes": int,
    "entry_id": str,
    "request_id": str,
    **PLACE,
}
"""Columns of events. Those that are no fields of the event are computed."""
COMPUTED = {"time", "user_hash", "text_length", "request_id", *PLACE}
_PSEUDONYM_CHARACTERS = 32


def row_of(stored: StoredEvent, key: bytes) -> Row:
    """Return the row of an event. ``user_hash`` is a hash, with this key, of the id of the user."""
    event = stored.event
    columns = LOG_COLUMNS if isinstance(event, LogRecorded) else EVENT_COLUMNS
    row = {name: getattr(event, name, None) for name in columns if name not in COMPUTED}
    row["time"] = event.at
    row |= {name: getattr(stored, name) for name in (*PLACE, "request_id")}
    if columns is EVENT_COLUMNS:
        user_id = getattr(event, "user_id", "")
        row["user_hash"] = (
            hmac.digest(key, user_id.encode(), "sha256").hex()[:_PSEUDONYM_CHARACTERS] if user_id else None
        )
        row["text_length"] = len(event.text) if isinstance(event, ChatMessageSent) else None
    return row
