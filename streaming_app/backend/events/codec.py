"""Encodes events as JSON and decodes them."""

from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from streaming_app.backend.events.accounts import AccountDeleted, SessionRevoked
from streaming_app.backend.events.chat import ChatControlEvent, ChatMessageSent, ChatModerated
from streaming_app.backend.events.logs import LogRecorded
from streaming_app.backend.events.streams import (
    PublisherRefused,
    StreamEnded,
    StreamStarted,
    StreamUpdated,
    ViewersCounted,
)


class UndecodableEventError(Exception):
    """The bytes are not a valid event, or an event of a type that this version does not know."""


Event = (
    StreamStarted
    | StreamUpdated
    | StreamEnded
    | PublisherRefused
    | ChatMessageSent
    | ChatControlEvent
    | ChatModerated
    | ViewersCounted
    | SessionRevoked
    | AccountDeleted
    | LogRecorded
)

_ANY_EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="type")])


def encode(event: Event) -> bytes:
    """Encode an event as a JSON object in UTF-8."""
    return event.model_dump_json().encode()


def decode(data: bytes) -> Event:
    """Decode an event. Raises ``UndecodableEventError``; its message does not quote ``data``."""
    try:
        return _ANY_EVENT.validate_json(data)
    except ValidationError as invalid:
        raise UndecodableEventError("; ".join(_reason(error) for error in invalid.errors())) from None


def _reason(error: ErrorDetails) -> str:
    where = ".".join(map(str, error["loc"])) or "event"
    # pydantic's message for this error quotes the data
    what = "unknown event type" if error["type"] == "union_tag_invalid" else error["msg"]
    return f"{where}: {what}"
