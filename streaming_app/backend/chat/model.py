"""Chat messages, who writes them, and what keeps order among them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Role(StrEnum):
    """What a user is in one channel, from least to most."""

    VIEWER = "viewer"
    MODERATOR = "moderator"
    OWNER = "owner"
    ADMIN = "admin"
    """Of the whole site."""

    @property
    def rank(self) -> int:
        """Who has a higher one is not moderated by who has a lower one."""
        return list(Role).index(self)

    @property
    def can_manage_channel(self) -> bool:
        """Whether the channel is theirs to decide on: its owner's, and every admin's."""
        return self.rank >= Role.OWNER.rank


@dataclass(frozen=True, slots=True)
class QuotedMessage:
    """The message that another one answers, as it stood then."""

    message_id: str
    username: str
    text: str
    """Its beginning; empty: it is deleted."""

    @property
    def is_deleted(self) -> bool:
        """Whether its words are shown to nobody any more."""
        return not self.text


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One line of one channel's chat."""

    message_id: str
    """The id of the event that carried it."""
    channel_id: str
    user_id: str
    username: str
    text: str
    sent_at: datetime
    position: int
    """Its place in the channel's order (``bus.position_of``)."""
    role: Role = Role.VIEWER
    """What its writer was then."""
    reply_to: QuotedMessage | None = None


class LinkPolicy(StrEnum):
    """What becomes of messages with links."""

    ALLOWED = "allowed"
    LISTED = "listed"
    """Only those to hosts that the channel lists."""
    NONE = "none"


class FilterAction(StrEnum):
    """What becomes of a message that a filter catches."""

    REFUSED = "refused"
    """Its writer reads why, and keeps the text."""
    HELD = "held"
    """A moderator decides."""


@dataclass(frozen=True, slots=True)
class ChatRules:
    """How one channel's chat is kept. Moderators are above all of them."""

    slow_seconds: int = 0
    """Between two messages of one chatter; 0: off."""
    followers_only_minutes: int | None = None
    """How long one must have followed to write; 0: any follower may; ``None``: off."""
    account_age_minutes: int = 0
    """How old an account must be to write; 0: off."""
    blocked_terms: tuple[str, ...] = ()
    """Words and phrases, ``*`` for any letters; look-alike letters count as the letter."""
    links: LinkPolicy = LinkPolicy.ALLOWED
    allowed_hosts: tuple[str, ...] = ()
    """With ``Links.LISTED``: these and what is below them."""
    limits_caps: bool = False
    """Whether shouting is filtered."""
    limits_flood: bool = True
    """Whether repetition is filtered: the same message again, or the same letters over and over."""
    filtered: FilterAction = FilterAction.REFUSED


@dataclass(frozen=True, slots=True)
class Chatter:
    """A user, as a channel's chat sees them."""

    user_id: str
    username: str


@dataclass(frozen=True, slots=True)
class Ban:
    """A chatter who may not write in a channel. One with an end is a timeout."""

    channel_id: str
    user_id: str
    username: str
    since: datetime
    until: datetime | None
    """``None``: for good."""
    reason: str
    """What the chatter reads; may be empty."""
    by: str
    """Username of who did it."""

    def is_active(self, now: datetime) -> bool:
        """Whether it has not run out."""
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class MembershipStatus:
    """What a channel holds about one user, read at once."""

    rules: ChatRules
    is_moderator: bool
    ban: Ban | None
    """The last one, even if it has run out."""
    followed_at: datetime | None
    """``None``: does not follow."""
    rules_version: int = 0
    """Of ``rules``: rises with each change; 0 when none were set."""


class ModerationAction(StrEnum):
    """What a moderator can do."""

    DELETE = "delete"
    CLEAR = "clear"
    """Delete everything that a chatter said."""
    TIMEOUT = "timeout"
    BAN = "ban"
    UNBAN = "unban"
    SET_RULES = "rules"
    ADD_MODERATOR = "mod"
    REMOVE_MODERATOR = "unmod"
    PIN = "pin"
    UNPIN = "unpin"
    APPROVE = "approve"
    """Let a held message through."""
    REJECT = "reject"
    REMOVE_EMOTE = "emote"


class EntryState(StrEnum):
    """How far an action, or undoing it, has come. Each is written before the next step is taken."""

    PENDING = "pending"
    """The action may not have been carried out, or not completely."""
    DONE = "done"
    UNDOING = "undoing"
    """The action may not have been undone, or not completely."""
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class ModerationLogEntry:
    """One line of a channel's moderation log: who did what to whom, and why. It is written before the action."""

    entry_id: str
    channel_id: str
    at: datetime
    by: str
    """Username."""
    action: ModerationAction
    target: str
    """Username of whom it concerns; empty for the channel as a whole."""
    target_id: str
    detail: str
    """For people: the message's text, the timeout's length, the rules that changed, the emote."""
    reason: str
    message_ids: tuple[str, ...] = ()
    undone_at: datetime | None = None
    undone_by: str = ""
    undo_data: str = ""
    """JSON: how it was, where undoing has to know that."""
    state: EntryState = EntryState.DONE


@dataclass(frozen=True, slots=True)
class HeldMessage:
    """A message that waits for a moderator."""

    message_id: str
    """Of the message that it becomes."""
    channel_id: str
    user_id: str
    username: str
    text: str
    role: Role
    reply_to: QuotedMessage | None
    held_at: datetime
    reason: str
    """The filter that caught it, in words for a moderator."""
    decision: ModerationAction | None = None
    """What a moderator has begun to do with it: ``APPROVE`` or ``REJECT``."""


@dataclass(frozen=True, slots=True)
class Emote:
    """A picture that a channel's chatters write as ``:name:``."""

    emote_id: str
    """Of this picture: another one gets another id, so it may be kept for ever."""
    channel_id: str
    name: str
    """Unique in the channel without regard to case; without the colons."""
    media_type: str
    """``image/png``, ``image/gif`` or ``image/webp``."""
    width: int
    height: int
    added_at: datetime

    @property
    def code(self) -> str:
        """As chatters write it."""
        return f":{self.name}:"

    @property
    def path(self) -> str:
        """Where its picture is, at the front door."""
        return f"/api/channels/{self.channel_id}/emotes/{self.emote_id}"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that is safe to show: made by us, with nothing in it but what is seen."""

    media_type: str
    width: int
    height: int
    content: bytes


TIMEOUTS = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
"""Those that the menus offer."""
TIMEOUT_MAX = timedelta(days=28)
"""For longer, use a ban."""
