"""The state of the message box: sends messages and moderates. The messages themselves come from the feed."""

from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from secrets import token_hex
from urllib.parse import quote

import reflex as rx

from streaming_app import routes
from streaming_app.backend.chat import policy
from streaming_app.backend.chat.command_handler import parse_moderation_request
from streaming_app.backend.chat.commands import commands_for_role
from streaming_app.backend.chat.members import ChannelMember
from streaming_app.backend.chat.model import TIMEOUT_MAX, Role
from streaming_app.backend.chat.policy import describe_ban
from streaming_app.backend.chat.service import CommandResult, SentMessage
from streaming_app.backend.errors import DomainError, RateLimitedError
from streaming_app.state import services, toast
from streaming_app.state.session import SessionState, acting_user, acting_user_id

ROLE_RANKS = {str(role): role.rank for role in Role}
"""Users with a higher rank may moderate users with a lower one."""
TIMEOUT_CHOICES = (("1 min", "1"), ("10 min", "10"), ("1 h", "60"))
"""The timeouts in the menu of a message: as shown, and in minutes."""
REASON_MAX = policy.REASON_MAX
"""Characters of the reason for a moderation action."""
TIMEOUT_MAX_MINUTES = int(TIMEOUT_MAX.total_seconds() // 60)


@dataclass(frozen=True)
class CommandView:
    """A chat command that the user may type."""

    name: str = ""
    """Without the slash."""
    usage: str = ""
    help: str = ""
    takes_name: bool = False
    """Whether the first argument is the name of a person."""


@dataclass(frozen=True)
class BanNotice:
    """The notice that a banned user sees in place of the message box."""

    words: str = ""
    """The text of the notice, with the reason; empty if the user is not banned."""
    seconds: float = 0
    """Time until the end of the ban, when it was looked up; 0 if it has no end. The browser's clock may be wrong."""


class ChatState(SessionState):
    """The user's rights in the open channel, and the result of the last message that this tab sent."""

    max_length: int = 500
    """Maximum number of characters in a message."""
    receipt: str = ""
    """Changes with each result. The message box then clears itself if ``refusal`` is empty."""
    refusal: str = ""
    wait_seconds: int = 0
    """Seconds until the user can send the next message, or the same one if slow mode or the rate limit refused it."""
    answer: str = ""
    """The result of a command, or the note that the message is held; empty for other messages."""
    role: str = ""
    """Role in the open channel: ``viewer``, ``moderator``, ``owner`` or ``admin``. Empty if signed out."""
    commands: list[CommandView] = []
    """The commands that this role may use."""
    ban: BanNotice = BanNotice()
    """The user's ban in the open channel."""

    @rx.var
    def is_moderator(self) -> bool:
        """Whether this user may moderate the open channel."""
        return ROLE_RANKS.get(self.role, 0) >= Role.MODERATOR.rank

    @rx.var
    def can_manage_channel(self) -> bool:
        """Whether this user may choose the moderators of the open channel."""
        return ROLE_RANKS.get(self.role, 0) >= Role.OWNER.rank

    @rx.event
    async def open(self, channel_id: str) -> None:
        """Load the settings and the user's rights in the channel. Called again whenever these change."""
        backend = services.current()
        self.max_length = backend.settings.chat_max_length
        try:
            member = await backend.moderation.get_member_by_user(channel_id, await acting_user(self))
        except DomainError:
            self.role, self.commands, self.ban = "", [], BanNotice()
            return
        role = member.role
        self.role, self.ban = str(role), _ban_notice(member, datetime.now(UTC))
        self.commands = [
            CommandView(kind.name, kind.usage, kind.help, kind.takes_name) for kind in commands_for_role(role)
        ]

    @rx.event
    async def send(self, channel_id: str, text: str, reply_to: str, client_id: str = "") -> None:
        """Post a message and store the result in the state. ``reply_to`` is empty if the message is not a reply.

        ``client_id`` is the page's own id of the message; it stays the same when the message is sent again.
        """
        self.refusal = self.answer = ""
        self.wait_seconds = 0
        try:
            user_id = await acting_user_id(self)
            result = await services.current().chat.post(channel_id, user_id, text, reply_to, client_id)
            self.answer = "" if isinstance(result, SentMessage) else result.note
            if not isinstance(result, CommandResult):
                self.wait_seconds = ceil(result.wait.total_seconds())
        except DomainError as refused:
            self.refusal = refused.public_message
            if isinstance(refused, RateLimitedError):
                self.wait_seconds = ceil(refused.retry_after.total_seconds())
        self.receipt = token_hex(8)

    @rx.event
    async def moderate(
        self, channel_id: str, action: str, name: str, message_id: str, minutes: int | str, reason: str
    ) -> rx.event.EventSpec:
        """Run an action from the menu of a message or a chatter. Only a timeout needs ``minutes``."""
        try:
            order = parse_moderation_request(action, name, message_id, str(minutes), reason)
            user_id = await acting_user_id(self)
            return toast.success(await services.current().command_handler.execute(channel_id, user_id, order))
        except DomainError as refused:
            return toast.error(refused.public_message)

    @rx.event
    async def report(self, channel_id: str, message_id: str) -> rx.event.EventSpec:
        """Open the page that reports a message."""
        try:
            channel = await services.current().channels.get(channel_id)
        except DomainError as refused:
            return toast.error(refused.public_message)
        return rx.redirect(f"{routes.report(channel.slug)}?{routes.MESSAGE}={quote(message_id)}")


def _ban_notice(member: ChannelMember, now: datetime) -> BanNotice:
    ban = member.active_ban(now)
    if ban is None or member.role.can_manage_channel:
        return BanNotice()
    return BanNotice(describe_ban(ban), (ban.until - now).total_seconds() if ban.until else 0)
