"""The data types of chat: messages, roles, rules, bans, the moderation log and emotes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Role(StrEnum):
    """The role of a user in one channel, in ascending order of rights."""

    VIEWER = "viewer"
    MODERATOR = "moderator"
    OWNER = "owner"
    ADMIN = "admin"
    """Admin of the whole site."""

    @property
    def rank(self) -> int:
        """Position in the order of rights. A user cannot moderate someone with the same or a higher rank."""
        return list(Role).index(self)

    @property
    def can_manage_channel(self) -> bool:
        """Whether this is the owner of the channel or an admin of the site."""
        return self.rank >= Role.OWNER.rank


@dataclass(frozen=True, slots=True)
class QuotedMessage:
    """The message that a reply quotes, as it was when the reply was sent."""

    message_id: str
    username: str
    text: str
    """The beginning of the text; empty if the message was deleted."""

    @property
    def is_deleted(self) -> bool:
        """Whether the quoted message was deleted."""
        return not self.text


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """A message in the chat of one channel."""

    message_id: str
    """The id of the ``ChatMessageSent`` event."""
    channel_id: str
    user_id: str
    username: str
    text: str
    sent_at: datetime
    position: int
    """Sorts the messages of a channel (``bus.position_of``)."""
    role: Role = Role.VIEWER
    """The role of the author when the message was sent."""
    reply_to: QuotedMessage | None = None


class LinkPolicy(StrEnum):
    """Which links are allowed in messages."""

    ALLOWED = "allowed"
    LISTED = "listed"
    """Only links to the hosts in ``ChatRules.allowed_hosts``."""
    NONE = "none"


class FilterAction(StrEnum):
    """What happens to a message that matches a filter."""

    REFUSED = "refused"
    """The message is refused; the author sees the reason and keeps the text."""
    HELD = "held"
    """The message is held until a moderator approves or rejects it."""


@dataclass(frozen=True, slots=True)
class ChatRules:
    """The chat rules of a channel. They apply to viewers only."""

    slow_seconds: int = 0
    """Seconds between two messages of one chatter; 0 turns slow mode off."""
    followers_only_minutes: int | None = None
    """Minutes that a chatter must have followed the channel to post; 0 allows all followers, ``None`` everyone."""
    account_age_minutes: int = 0
    """Minimum age of an account in minutes; 0 allows all accounts."""
    blocked_terms: tuple[str, ...] = ()
    """Words and phrases. ``*`` stands for any letters. Look-alike letters match too."""
    links: LinkPolicy = LinkPolicy.ALLOWED
    allowed_hosts: tuple[str, ...] = ()
    """The hosts that ``LinkPolicy.LISTED`` allows, with their subdomains."""
    limits_caps: bool = False
    """Whether messages in capitals are filtered."""
    limits_flood: bool = True
    """Whether repeated messages and repeated letters or words are filtered."""
    filtered: FilterAction = FilterAction.REFUSED


@dataclass(frozen=True, slots=True)
class Chatter:
    """The id and name of a user in chat."""

    user_id: str
    username: str


@dataclass(frozen=True, slots=True)
class Ban:
    """A ban of a chatter from one channel. A ban with an end is a timeout."""

    channel_id: str
    user_id: str
    username: str
    since: datetime
    until: datetime | None
    """``None`` for a permanent ban."""
    reason: str
    """Shown to the banned chatter; may be empty."""
    by: str
    """Username of the moderator."""

    def is_active(self, now: datetime) -> bool:
        """Whether the ban has not expired."""
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class Following:
    """The followers of a channel, as one user sees them."""

    followers: int
    """The number of followers."""
    is_following: bool
    """Whether the user is one of them."""


@dataclass(frozen=True, slots=True)
class Follow:
    """A channel that a user follows."""

    channel_id: str
    followed_at: datetime


@dataclass(frozen=True, slots=True)
class MembershipStatus:
    """The data that the rights of one user in one channel depend on, from a single read of the store."""

    rules: ChatRules
    is_moderator: bool
    ban: Ban | None
    """The latest ban, even if it has expired."""
    followed_at: datetime | None
    """``None`` if the user does not follow the channel."""
    rules_version: int = 0
    """Version of ``rules``, which increases with each change; 0 if the rules were never set."""
    owner_id: str = ""
    """User id of the owner of the channel; empty if the channel does not exist."""


class ModerationAction(StrEnum):
    """An action in the moderation log. The values are stored."""

    DELETE = "delete"
    CLEAR = "clear"
    """Delete all messages of a chatter."""
    TIMEOUT = "timeout"
    BAN = "ban"
    UNBAN = "unban"
    SET_RULES = "rules"
    ADD_MODERATOR = "mod"
    REMOVE_MODERATOR = "unmod"
    PIN = "pin"
    UNPIN = "unpin"
    APPROVE = "approve"
    """Publish a held message."""
    REJECT = "reject"
    REMOVE_EMOTE = "emote"


class EntryState(StrEnum):
    """Progress of an action or of its undo. Each state is stored before the next step begins."""

    PENDING = "pending"
    """The action has been started; it may be incomplete."""
    DONE = "done"
    UNDOING = "undoing"
    """The undo has been started; it may be incomplete."""
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class ModerationLogEntry:
    """An entry of a channel's moderation log. It is written before the action is carried out."""

    entry_id: str
    channel_id: str
    at: datetime
    by: str
    """Username of the moderator."""
    action: ModerationAction
    target: str
    """Username of the person concerned; empty for actions on the channel."""
    target_id: str
    detail: str
    """Text for the log: the message, the length of the timeout, the changed rules or the emote."""
    reason: str
    message_ids: tuple[str, ...] = ()
    undone_at: datetime | None = None
    undone_by: str = ""
    undo_data: str = ""
    """JSON with the previous state, for actions whose undo needs it."""
    state: EntryState = EntryState.DONE


@dataclass(frozen=True, slots=True)
class HeldMessage:
    """A message that is held for review by a moderator."""

    message_id: str
    """The id that the message gets when it is published."""
    channel_id: str
    user_id: str
    username: str
    text: str
    role: Role
    reply_to: QuotedMessage | None
    held_at: datetime
    reason: str
    """The filter that matched, as text for moderators."""
    decision: ModerationAction | None = None
    """``APPROVE`` or ``REJECT`` once a moderator has started to decide."""


@dataclass(frozen=True, slots=True)
class Emote:
    """A custom emote of a channel, written as ``:name:``."""

    emote_id: str
    """Identifies the picture. A new picture gets a new id, so clients may cache it forever."""
    channel_id: str
    name: str
    """Without the colons; unique in the channel, ignoring case."""
    media_type: str
    """``image/png``, ``image/gif`` or ``image/webp``."""
    width: int
    height: int
    added_at: datetime

    @property
    def code(self) -> str:
        """The text that shows the emote in chat."""
        return f":{self.name}:"

    @property
    def path(self) -> str:
        """URL path of the picture."""
        return f"/api/channels/{self.channel_id}/emotes/{self.emote_id}"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that the site has re-encoded, without metadata."""

    media_type: str
    width: int
    height: int
    content: bytes


ERASED_USERNAME = "deleted user"
"""Replaces the username of a deleted account in records of other people. No username has a space."""

TIMEOUT_MAX = timedelta(days=28)
"""Longest timeout. For longer, use a ban."""
