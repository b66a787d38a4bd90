"""Runs moderation requests from commands and menus and describes their results."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from streaming_app.backend.chat import policy
from streaming_app.backend.chat.chat_settings import ChatSettingsService
from streaming_app.backend.chat.commands import DEFAULT_TIMEOUT, Command, commands_for_role, usage_error
from streaming_app.backend.chat.durations import parse_duration
from streaming_app.backend.chat.model import ChatRules, ModerationAction, ModerationLogEntry
from streaming_app.backend.chat.moderation import ModerationService
from streaming_app.backend.chat.rules_form import parse_account_age, parse_followers_only, parse_slow_mode
from streaming_app.backend.errors import ForbiddenError, InvalidError
from streaming_app.backend.rate_limit import RateLimit


@dataclass(frozen=True, slots=True)
class ModerationRequest:
    """A moderation action with its arguments."""

    action: ModerationAction
    name: str = ""
    """Name of the person concerned."""
    message_id: str = ""
    length: timedelta = DEFAULT_TIMEOUT
    reason: str = ""


class CommandHandler:
    """Dispatches commands and menu requests to the moderation services."""

    def __init__(self, moderation: ModerationService, chat_settings: ChatSettingsService, limit: RateLimit) -> None:
        """Create the handler. ``limit`` limits the requests of each user, also the refused ones."""
        self._limit = limit
        self._moderation = moderation
        self._chat_settings = chat_settings
        self._rule_parsers: dict[str, Callable[[ChatRules, str], ChatRules]] = {
            "slow": lambda rules, typed: replace(rules, slow_seconds=parse_slow_mode(typed)),
            "followers": lambda rules, typed: replace(rules, followers_only_minutes=parse_followers_only(typed or "0")),
            "age": lambda rules, typed: replace(rules, account_age_minutes=parse_account_age(typed)),
        }

    async def handle(self, channel_id: str, user_id: str, command: Command, reply_to: str) -> str:
        """Run a typed command and describe the result. ``reply_to`` is the id of the message that it replies to."""
        role = (await self._moderation.get_member(channel_id, user_id)).role
        if command.spec.name == "help":
            return "\n".join(f"{spec.usage}: {spec.help}" for spec in commands_for_role(role))
        if role.rank < command.spec.minimum_role.rank:
            raise ForbiddenError(f"/{command.spec.name} is for the channel's {command.spec.minimum_role}s.")
        if command.spec.action is None:
            return describe(await self._set_rule(channel_id, user_id, command))
        if command.spec.action in {ModerationAction.DELETE, ModerationAction.PIN} and not reply_to:
            raise usage_error(command.spec, "Use this command as a reply to the message.")
        order = ModerationRequest(
            command.spec.action, command.name, reply_to, command.length or DEFAULT_TIMEOUT, command.reason
        )
        return await self.execute(channel_id, user_id, order)

    async def execute(self, channel_id: str, user_id: str, order: ModerationRequest) -> str:
        """Run a moderation request and describe the result. Raises ``RateLimitedError``, also for strangers."""
        await self._limit.spend(user_id)
        moderation, settings, who = self._moderation, self._chat_settings, (channel_id, user_id)
        ways: dict[ModerationAction, Callable[[], Awaitable[ModerationLogEntry]]] = {
            ModerationAction.DELETE: lambda: moderation.delete(*who, order.message_id, order.reason),
            ModerationAction.CLEAR: lambda: moderation.clear(*who, order.name, order.reason),
            ModerationAction.TIMEOUT: lambda: moderation.timeout(*who, order.name, order.length, order.reason),
            ModerationAction.BAN: lambda: moderation.ban(*who, order.name, order.reason),
            ModerationAction.UNBAN: lambda: moderation.unban(*who, order.name),
            ModerationAction.ADD_MODERATOR: lambda: moderation.add_moderator(*who, order.name),
            ModerationAction.REMOVE_MODERATOR: lambda: moderation.remove_moderator(*who, order.name),
            ModerationAction.PIN: lambda: settings.pin(*who, order.message_id),
            ModerationAction.UNPIN: lambda: settings.unpin(*who),
        }
        if order.action not in ways:
            raise InvalidError("action", "Invalid action.")
        return describe(await ways[order.action]())

    async def _set_rule(self, channel_id: str, user_id: str, command: Command) -> ModerationLogEntry:
        change = self._rule_parsers[command.spec.name]
        try:
            return await self._chat_settings.change_rules(
                channel_id, user_id, lambda rules: change(rules, command.value)
            )
        except InvalidError as error:
            raise usage_error(command.spec, error.public_message) from None


def parse_moderation_request(action: str, name: str, message_id: str, minutes: str, reason: str) -> ModerationRequest:
    """Parse the request that a browser sends for a menu item. Raises ``InvalidError``."""
    try:
        known = ModerationAction(action)
    except ValueError:
        raise InvalidError("action", "Invalid action.") from None
    if known is not ModerationAction.TIMEOUT:
        return ModerationRequest(known, name, message_id, reason=reason)
    if (length := parse_duration(minutes)) is None:
        raise InvalidError("minutes", "Enter a length in minutes, or like 90s, 2h or 3d.")
    return ModerationRequest(known, name, message_id, policy.clean_timeout(length), reason)


def describe(entry: ModerationLogEntry) -> str:
    """Describe a completed action to the moderator who carried it out."""
    return _DESCRIPTIONS[entry.action].format(target=entry.target, detail=entry.detail)


_DESCRIPTIONS = {
    ModerationAction.DELETE: "Message deleted.",
    ModerationAction.CLEAR: "All messages of {target} deleted.",
    ModerationAction.TIMEOUT: "{target} is timed out for {detail}.",
    ModerationAction.BAN: "{target} is banned from this chat.",
    ModerationAction.UNBAN: "{target} can chat again.",
    ModerationAction.SET_RULES: "Chat rules changed: {detail}.",
    ModerationAction.ADD_MODERATOR: "{target} is now a moderator.",
    ModerationAction.REMOVE_MODERATOR: "{target} is no longer a moderator.",
    ModerationAction.PIN: "Message pinned.",
    ModerationAction.UNPIN: "Message unpinned.",
    ModerationAction.APPROVE: "Message approved.",
    ModerationAction.REJECT: "Message rejected.",
}
