"""The events that processes exchange over the bus, and their encoding.

An event states a fact in the past tense and contains everything that a consumer needs. New fields need a default; any
other change needs a new topic version. Events never contain secrets.
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
"""Suffix of the topic that receives the records which a consumer cannot decode."""


class UndecodableEventError(Exception):
    """The bytes are not a valid event, or an event of a type that this version does not know."""


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    topic: ClassVar[str]

    event_id: str = Field(default_factory=lambda: uuid4().hex)
    """Unique. Consumers use it as the id of what they create, so a second delivery has no effect."""
    at: AwareDatetime
    """Time of the event, UTC."""


class _ChannelEvent(_Event):
    channel_id: str

    @property
    def key(self) -> str:
        """The partition key: events of the same channel stay in order."""
        return self.channel_id


class _UserEvent(_Event):
    topic: ClassVar[str] = ACCOUNTS_TOPIC

    user_id: str

    @property
    def key(self) -> str:
        """The partition key: events of the same user stay in order."""
        return self.user_id


class StreamStarted(_ChannelEvent):
    """A publisher was accepted and a new stream started at ``at``."""

    topic: ClassVar[str] = STREAMS_TOPIC
    type: Literal["StreamStarted"] = "StreamStarted"

    stream_id: str
    title: str
    category: str
    slug: str = ""
    """The slug of the channel in its URL."""
    name: str = ""
    """The display name of the channel."""


class StreamUpdated(_ChannelEvent):
    """The title, the category or the connection state of a running stream changed."""

    topic: ClassVar[str] = STREAMS_TOPIC
    type: Literal["StreamUpdated"] = "StreamUpdated"

    stream_id: str
    title: str
    category: str
    publisher_connected: bool
    started_at: AwareDatetime | None = None


class StreamEnded(_ChannelEvent):
    """A stream ended."""

    topic: ClassVar[str] = STREAMS_TOPIC
    type: Literal["StreamEnded"] = "StreamEnded"

    stream_id: str
    duration_seconds: float
    title: str = ""
    category: str = ""
    started_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    """Earlier than ``at`` if the publisher disconnected and did not return: the time it was last seen."""
    by_owner: bool = False
    """Whether the owner ended the stream."""


class PublisherRefused(_ChannelEvent):
    """A publisher was refused for this channel. Published at most a few times a minute for each channel."""

    topic: ClassVar[str] = VIEWS_TOPIC
    type: Literal["PublisherRefused"] = "PublisherRefused"

    address: str
    """IP address of the publisher. Only shown to the channel's owner."""
    software: str
    reason: str
    """Text for the owner."""


RoleName = Literal["viewer", "moderator", "owner", "admin"]
"""The role of a chatter in one channel at the time of the event."""


class QuotedMessagePayload(BaseModel):
    """The message that a reply quotes, as it was when the reply was sent."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    message_id: str
    username: str
    text: str
    """The beginning of its text; empty if the message was deleted."""


class ChatMessagePayload(BaseModel):
    """A complete chat message that was sent earlier."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    message_id: str
    user_id: str
    username: str
    text: str
    sent_at: AwareDatetime
    position: int
    role: RoleName = "viewer"
    reply_to: QuotedMessagePayload | None = None


class _ChatEvent(_ChannelEvent):
    """Base class of all chat events. They share the topic of the messages, so they stay in order with them."""

    topic: ClassVar[str] = CHAT_TOPIC


class ChatMessageSent(_ChatEvent):
    """A chatter sent a message; ``event_id`` is the id of the message."""

    type: Literal["ChatMessageSent"] = "ChatMessageSent"

    user_id: str
    username: str
    text: str
    role: RoleName = "viewer"
    reply_to: QuotedMessagePayload | None = None


class ChatMessagesDeleted(_ChatEvent):
    """Messages were deleted: those in ``message_ids``, or all messages that ``user_id`` had sent until then."""

    type: Literal["ChatMessagesDeleted"] = "ChatMessagesDeleted"

    entry_id: str
    """Id of the entry in the moderation log; ``ChatMessagesRestored`` refers to it."""
    message_ids: tuple[str, ...] = ()
    user_id: str = ""
    username: str = ""


class ChatMessagesRestored(_ChatEvent):
    """A deletion was undone. ``lines`` are the newest restored messages, oldest first: enough to fill a screen."""

    type: Literal["ChatMessagesRestored"] = "ChatMessagesRestored"

    entry_id: str
    lines: tuple[ChatMessagePayload, ...]


class ChatterBanned(_ChatEvent):
    """A chatter was banned, or timed out until ``until``."""

    type: Literal["ChatterBanned"] = "ChatterBanned"

    user_id: str
    username: str
    until: AwareDatetime | None
    """``None`` for a permanent ban."""
    reason: str


class ChatterUnbanned(_ChatEvent):
    """The ban or timeout of a chatter was lifted before its end."""

    type: Literal["ChatterUnbanned"] = "ChatterUnbanned"

    user_id: str
    username: str


class ChatterRoleChanged(_ChatEvent):
    """A chatter became a moderator of the channel, or stopped being one."""

    type: Literal["ChatterRoleChanged"] = "ChatterRoleChanged"

    user_id: str
    username: str
    role: RoleName


class ChatRulesChanged(_ChatEvent):
    """The chat rules of a channel changed. The event has only the rules that are public."""

    type: Literal["ChatRulesChanged"] = "ChatRulesChanged"

    slow_seconds: int = Field(ge=0)
    followers_only_minutes: int | None
    """How long a chatter must have followed the channel to post; ``None``: following is not required."""
    account_age_minutes: int = Field(ge=0)


class ChatPinned(_ChatEvent):
    """A message was pinned; ``line`` is ``None`` if the message was unpinned."""

    type: Literal["ChatPinned"] = "ChatPinned"

    line: ChatMessagePayload | None


class ChatEmotesChanged(_ChatEvent):
    """The emotes of a channel changed; consumers read them again."""

    type: Literal["ChatEmotesChanged"] = "ChatEmotesChanged"


class ChatModerated(_ChatEvent):
    """The moderation page of a channel changed: a new log entry, or a message held for review."""

    type: Literal["ChatModerated"] = "ChatModerated"


class ViewersCounted(_ChannelEvent):
    """The viewers of one channel in one web process. A viewer in two processes counts as one.

    A viewer is identified by ``@`` and the username, or by an anonymous id.
    """

    topic: ClassVar[str] = VIEWS_TOPIC
    type: Literal["ViewersCounted"] = "ViewersCounted"

    process_id: str
    viewers: int = Field(ge=0)
    """Number of distinct viewers in this process."""
    whole: bool = False
    """Whether ``came`` lists all viewers, so that earlier events of this process no longer count."""
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()


class SessionRevoked(_UserEvent):
    """A session ended before it expired: the user signed out, or it was revoked."""

    type: Literal["SessionRevoked"] = "SessionRevoked"


Event = (
    StreamStarted
    | StreamUpdated
    | StreamEnded
    | PublisherRefused
    | ChatMessageSent
    | ChatMessagesDeleted
    | ChatMessagesRestored
    | ChatterBanned
    | ChatterUnbanned
    | ChatterRoleChanged
    | ChatRulesChanged
    | ChatPinned
    | ChatEmotesChanged
    | ChatModerated
    | ViewersCounted
    | SessionRevoked
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
