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
    """A publisher was let in and a new stream began, at ``at``."""

    topic: ClassVar[str] = STREAMS_TOPIC
    type: Literal["StreamStarted"] = "StreamStarted"

    stream_id: str
    title: str
    category: str
    slug: str = ""
    """Of the channel, as in its address."""
    name: str = ""
    """Of the channel, as people read it."""


class StreamUpdated(_ChannelEvent):
    """A running stream changed: its words, or whether its publisher is connected."""

    topic: ClassVar[str] = STREAMS_TOPIC
    type: Literal["StreamUpdated"] = "StreamUpdated"

    stream_id: str
    title: str
    category: str
    publisher_connected: bool
    started_at: AwareDatetime | None = None


class StreamEnded(_ChannelEvent):
    """A stream is over."""

    topic: ClassVar[str] = STREAMS_TOPIC
    type: Literal["StreamEnded"] = "StreamEnded"

    stream_id: str
    duration_seconds: float
    title: str = ""
    category: str = ""
    started_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    """The last sign of life of a stream whose publisher did not come back: earlier than ``at``."""
    by_owner: bool = False
    """Whether its owner ended it."""


class PublisherRefused(_ChannelEvent):
    """A publisher that named this channel was not let in. Said a few times a minute for each channel at most."""

    topic: ClassVar[str] = VIEWS_TOPIC
    type: Literal["PublisherRefused"] = "PublisherRefused"

    address: str
    """Of the publisher. For the channel's owner alone."""
    software: str
    reason: str
    """In words for the owner."""


Role = Literal["viewer", "moderator", "owner", "admin"]
"""What a chatter is in one channel, when something was said or done."""


class Quote(BaseModel):
    """The message that another one answers, as it stood then."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    message_id: str
    username: str
    text: str
    """Its beginning; empty: it is deleted."""


class ChatLine(BaseModel):
    """A chat message that was said before, whole."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    message_id: str
    user_id: str
    username: str
    text: str
    sent_at: AwareDatetime
    position: int
    role: Role = "viewer"
    reply_to: Quote | None = None


class _ChatEvent(_ChannelEvent):
    """What changes what a channel's chat shows. On the messages' own topic, so that it stays in order with them."""

    topic: ClassVar[str] = CHAT_TOPIC


class ChatMessageSent(_ChatEvent):
    """A chatter said something; ``event_id`` is the message's id."""

    type: Literal["ChatMessageSent"] = "ChatMessageSent"

    user_id: str
    username: str
    text: str
    role: Role = "viewer"
    reply_to: Quote | None = None


class ChatMessagesDeleted(_ChatEvent):
    """Messages were taken away: the named ones, or everything that ``user_id`` had said until then."""

    type: Literal["ChatMessagesDeleted"] = "ChatMessagesDeleted"

    entry_id: str
    """Of the moderation log; undoing names it again."""
    message_ids: tuple[str, ...] = ()
    user_id: str = ""
    username: str = ""


class ChatMessagesRestored(_ChatEvent):
    """A deletion was undone. ``lines`` are the newest of what comes back, oldest first: enough for every screen."""

    type: Literal["ChatMessagesRestored"] = "ChatMessagesRestored"

    entry_id: str
    lines: tuple[ChatLine, ...]


class ChatterBanned(_ChatEvent):
    """A chatter may not write any more, until an instant (a timeout) or for good."""

    type: Literal["ChatterBanned"] = "ChatterBanned"

    user_id: str
    username: str
    until: AwareDatetime | None
    """``None``: for good."""
    reason: str


class ChatterUnbanned(_ChatEvent):
    """A chatter may write again, before its time."""

    type: Literal["ChatterUnbanned"] = "ChatterUnbanned"

    user_id: str
    username: str


class ChatterRoleChanged(_ChatEvent):
    """A chatter became a moderator of the channel, or is none any more."""

    type: Literal["ChatterRoleChanged"] = "ChatterRoleChanged"

    user_id: str
    username: str
    role: Role


class ChatRulesChanged(_ChatEvent):
    """The channel's rules are others than before; those that everyone may read."""

    type: Literal["ChatRulesChanged"] = "ChatRulesChanged"

    slow_seconds: int = Field(ge=0)
    followers_only_minutes: int | None
    """How long one must have followed to write; ``None``: anyone may."""
    account_age_minutes: int = Field(ge=0)


class ChatPinned(_ChatEvent):
    """A message was pinned above the chat; ``line`` is ``None`` when nothing is any more."""

    type: Literal["ChatPinned"] = "ChatPinned"

    line: ChatLine | None


class ChatEmotesChanged(_ChatEvent):
    """The channel's emotes are others than before: read them again."""

    type: Literal["ChatEmotesChanged"] = "ChatEmotesChanged"


class ChatModerated(_ChatEvent):
    """There is news for the channel's moderators: an entry in the log, or a message held for review."""

    type: Literal["ChatModerated"] = "ChatModerated"


class ViewersCounted(_ChannelEvent):
    """Who watches one channel in one web process now; a viewer in two processes is one viewer.

    A viewer is ``@`` and a username, or an opaque id that says nothing about who it is.
    """

    topic: ClassVar[str] = VIEWS_TOPIC
    type: Literal["ViewersCounted"] = "ViewersCounted"

    process_id: str
    viewers: int = Field(ge=0)
    """Different viewers in this process, by name or not."""
    whole: bool = False
    """``came`` begins anew: what was said of this process before counts no more."""
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()


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
