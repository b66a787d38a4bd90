"""The shapes of the feed's frames as JSON; ``docs/feed.md`` explains them.

``scripts/generate_types.py`` writes the same types in TypeScript, for the pages that read the feed. Instants are ISO
8601 in UTC, with milliseconds.
"""

from typing import Literal, NotRequired, TypedDict

from streaming_app.backend.chat.model import Role
from streaming_app.backend.streams.model import StreamState


class FeedQuote(TypedDict):
    """The message that a message answers."""

    id: str
    name: str
    text: str | None
    """Shortened; ``None`` once the message is deleted."""


class FeedMessage(TypedDict):
    """A chat message."""

    id: str
    cursor: str
    name: str
    text: str
    at: str
    role: NotRequired[Role]
    """The writer's role when the message was sent; absent for a viewer."""
    reply: NotRequired[FeedQuote]


class FeedRules(TypedDict):
    """The rules of a chat that everyone may read."""

    slow: int
    """Seconds between two messages of one chatter."""
    followers: int | None
    """Minutes that a chatter must have followed; ``None``: need not follow."""
    age: int
    """Minutes that a chatter's account must exist."""
    text: str
    """The rules in words; empty if there are none."""


class FeedStream(TypedDict):
    """A channel's open stream, or the one that ended last. An unknown stream has only its ``state``."""

    state: StreamState
    stream_id: NotRequired[str]
    title: NotRequired[str]
    category: NotRequired[str]
    started_at: NotRequired[str]
    ended_at: NotRequired[str]
    low_latency: NotRequired[str]
    realtime: NotRequired[str]
    preview: NotRequired[str]
    recording_id: NotRequired[str]


class FeedChannel(FeedStream):
    """A channel when its feed begins."""

    viewers: int
    rules: FeedRules
    pinned: FeedMessage | None


class WelcomeFrame(TypedDict):
    """The first frame of a channel's feed."""

    type: Literal["welcome"]
    channel: FeedChannel
    resumed: bool
    deleted: NotRequired[list[str]]
    messages: list[FeedMessage]


class CatalogWelcomeFrame(TypedDict):
    """The first frame of the catalog's feed."""

    type: Literal["welcome"]
    digest: str


class CatalogFrame(TypedDict):
    """The list of live channels has changed."""

    type: Literal["catalog"]
    digest: str


class MessagesFrame(TypedDict):
    """New messages, or deleted ones that were restored."""

    type: Literal["messages", "restored"]
    messages: list[FeedMessage]


class MessagesDeletedFrame(TypedDict):
    """Messages were deleted: those with ``ids``, or all of ``name`` up to the cursor ``until``."""

    type: Literal["deleted"]
    ids: NotRequired[list[str]]
    name: NotRequired[str]
    until: NotRequired[str]


class BannedFrame(TypedDict):
    """A chatter may not write until an instant; ``None``: without an end."""

    type: Literal["banned"]
    name: str
    until: str | None


class UnbannedFrame(TypedDict):
    """A chatter may write again."""

    type: Literal["unbanned"]
    name: str


class RoleFrame(TypedDict):
    """A chatter has another role."""

    type: Literal["role"]
    name: str
    role: Role


class RulesFrame(TypedDict):
    """The chat has other rules."""

    type: Literal["rules"]
    rules: FeedRules


class PinnedFrame(TypedDict):
    """Another message is pinned, or none."""

    type: Literal["pinned"]
    message: FeedMessage | None


class ViewersFrame(TypedDict):
    """The number of viewers has changed."""

    type: Literal["viewers"]
    viewers: int


class StreamFrame(FeedStream):
    """The channel's stream has changed."""

    type: Literal["stream"]


class NoticeFrame(TypedDict):
    """``gap``: messages were left out here. Otherwise: what to read again, from the API or the page's state."""

    type: Literal["gap", "emotes", "moderation", "studio"]


class ErrorFrame(TypedDict):
    """Why the server closes the connection."""

    type: Literal["error"]
    message: str


Frame = (
    WelcomeFrame
    | CatalogWelcomeFrame
    | CatalogFrame
    | MessagesFrame
    | MessagesDeletedFrame
    | BannedFrame
    | UnbannedFrame
    | RoleFrame
    | RulesFrame
    | PinnedFrame
    | ViewersFrame
    | StreamFrame
    | NoticeFrame
    | ErrorFrame
)
"""Any frame of the feed."""
