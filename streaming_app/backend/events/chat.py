"""Events about the chat of a channel."""

from typing import ClassVar, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from streaming_app.backend.events.base import CHAT_TOPIC, ChannelEvent

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


class _ChatEvent(ChannelEvent):
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


ChatControlEvent = (
    ChatMessagesDeleted
    | ChatMessagesRestored
    | ChatterBanned
    | ChatterUnbanned
    | ChatterRoleChanged
    | ChatRulesChanged
    | ChatPinned
    | ChatEmotesChanged
)
"""Events that change the chat but are not messages. They are delivered in order with the messages."""
