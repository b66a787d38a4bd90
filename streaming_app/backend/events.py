"""Everything that processes tell each other: the whole contract on one page.

Events are facts, in the past tense, frozen and self-sufficient: a consumer never calls back. Fields are only ever
added, with defaults; anything else is a new topic version. Nothing secret is ever in one.
"""

from typing import Annotated, ClassVar, Literal
from uuid import uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

STREAMS_TOPIC = "streaming.streams.v1"
CHAT_TOPIC = "streaming.chat.v1"
VIEWS_TOPIC = "streaming.views.v1"
ACCOUNTS_TOPIC = "streaming.accounts.v1"
TOPICS = (STREAMS_TOPIC, CHAT_TOPIC, VIEWS_TOPIC, ACCOUNTS_TOPIC)

DEAD_LETTER_SUFFIX = ".dead"
"""Appended to a topic's name: where a consumer puts a record that it cannot decode."""


class UndecodableEventError(Exception):
    """Bytes on the bus that are no event of ours, or of a version that this process does not know."""


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    topic: ClassVar[str]

    event_id: str = Field(default_factory=lambda: uuid4().hex)
    """Unique; the id of what the event produces, so that delivering it twice changes nothing."""
    at: AwareDatetime
    """When it happened, UTC."""


class _ChannelEvent(_Event):
    channel_id: str

    @property
    def key(self) -> str:
        """What orders the event: all of one channel's events stay in order."""
        return self.channel_id


class _UserEvent(_Event):
    topic: ClassVar[str] = ACCOUNTS_TOPIC

    user_id: str

    @property
    def key(self) -> str:
        """What orders the event: all of one user's events stay in order."""
        return self.user_id


class StreamStarted(_ChannelEvent):
    """A publisher was let in and a new stream began."""

    topic: ClassVar[str] = STREAMS_TOPIC
    type: Literal["StreamStarted"] = "StreamStarted"

    stream_id: str
    title: str
    category: str


class StreamUpdated(_ChannelEvent):
    """A running stream changed: its words, or whether its publisher is connected."""

    topic: ClassVar[str] = STREAMS_TOPIC
    type: Literal["StreamUpdated"] = "StreamUpdated"

    stream_id: str
    title: str
    category: str
    publisher_connected: bool


class StreamEnded(_ChannelEvent):
    """A stream is over."""

    topic: ClassVar[str] = STREAMS_TOPIC
    type: Literal["StreamEnded"] = "StreamEnded"

    stream_id: str
    duration_seconds: float


class ChatMessageSent(_ChannelEvent):
    """A chatter said something; ``event_id`` is the message's id."""

    topic: ClassVar[str] = CHAT_TOPIC
    type: Literal["ChatMessageSent"] = "ChatMessageSent"

    user_id: str
    username: str
    text: str


class ViewersCounted(_ChannelEvent):
    """How many viewers one web process has on one channel now; the sum over processes is the audience."""

    topic: ClassVar[str] = VIEWS_TOPIC
    type: Literal["ViewersCounted"] = "ViewersCounted"

    process_id: str
    viewers: int = Field(ge=0)


class UserRegistered(_UserEvent):
    """An account was made."""

    type: Literal["UserRegistered"] = "UserRegistered"

    username: str


class UserLoggedIn(_UserEvent):
    """A user signed in and got a session."""

    type: Literal["UserLoggedIn"] = "UserLoggedIn"


class SessionRevoked(_UserEvent):
    """A session ended before its time: signed out, or revoked."""

    type: Literal["SessionRevoked"] = "SessionRevoked"


class StreamKeyRotated(_UserEvent):
    """A channel's stream key was replaced; the old one opens nothing."""

    type: Literal["StreamKeyRotated"] = "StreamKeyRotated"

    channel_id: str


Event = (
    StreamStarted
    | StreamUpdated
    | StreamEnded
    | ChatMessageSent
    | ViewersCounted
    | UserRegistered
    | UserLoggedIn
    | SessionRevoked
    | StreamKeyRotated
)

_ANY_EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="type")])


def encode(event: Event) -> bytes:
    """The event as it travels: one JSON object, UTF-8."""
    return event.model_dump_json().encode()


def decode(data: bytes) -> Event:
    """The event in ``data``; raises ``UndecodableEventError`` with a reason that quotes none of the bytes."""
    try:
        return _ANY_EVENT.validate_json(data)
    except ValidationError as invalid:
        raise UndecodableEventError("; ".join(_reason(error) for error in invalid.errors())) from None


def _reason(error: ErrorDetails) -> str:
    where = ".".join(map(str, error["loc"])) or "event"
    # the one message that quotes the bytes
    what = "no type that is known here" if error["type"] == "union_tag_invalid" else error["msg"]
    return f"{where}: {what}"
