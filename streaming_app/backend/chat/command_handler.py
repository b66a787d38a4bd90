"""Does what a moderator orders, by a command or by a menu, and says in words what came of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from streaming_app.backend.chat import policy
from streaming_app.backend.chat.commands import TIMEOUT, Command, commands_for_role, usage
from streaming_app.backend.chat.durations import parse_duration
from streaming_app.backend.chat.model import ChatRules, ModerationAction, ModerationLogEntry
from streaming_app.backend.chat.moderation import ModerationService
from streaming_app.backend.chat.rules import clean_age, clean_followers, clean_slow
from streaming_app.backend.errors import ForbiddenError, InvalidError


@dataclass(frozen=True, slots=True)
class ModerationRequest:
    """One deed, and all that it may need."""

    action: ModerationAction
    name: str = ""
    """Of whom it concerns."""
    message_id: str = ""
    length: timedelta = TIMEOUT
    reason: str = ""


class CommandHandler:
    """The way from an order to the use case."""

    def __init__(self, moderation: ModerationService) -> None:
        self._moderation = moderation
        self._rules: dict[str, Callable[[ChatRules, str], ChatRules]] = {
            "slow": lambda rules, typed: replace(rules, slow_seconds=clean_slow(typed)),
            "followers": lambda rules, typed: replace(rules, followers_only_minutes=clean_followers(typed or "0")),
            "age": lambda rules, typed: replace(rules, account_age_minutes=clean_age(typed)),
        }

    async def obey(self, channel_id: str, user_id: str, command: Command, reply_to: str) -> str:
        """Do what was typed; ``reply_to`` is the message that it was typed in answer to."""
        role = (await self._moderation.member(channel_id, user_id)).role
        if command.kind.name == "help":
            return "\n".join(f"{kind.usage}: {kind.help}" for kind in commands_for_role(role))
        if role.rank < command.kind.least.rank:
            raise ForbiddenError(f"/{command.kind.name} is for the channel's {command.kind.least}s.")
        if command.kind.action is None:
            return told(await self._set_rule(channel_id, user_id, command))
        if command.kind.action in {ModerationAction.DELETE, ModerationAction.PIN} and not reply_to:
            raise usage(command.kind, "Reply to the message with this command.")
        order = ModerationRequest(
            command.kind.action, command.name, reply_to, command.length or TIMEOUT, command.reason
        )
        return await self.carry_out(channel_id, user_id, order)

    async def carry_out(self, channel_id: str, user_id: str, order: ModerationRequest) -> str:
        """Do what was chosen in a menu."""
        moderation, who = self._moderation, (channel_id, user_id)
        ways: dict[ModerationAction, Callable[[], Awaitable[ModerationLogEntry]]] = {
            ModerationAction.DELETE: lambda: moderation.delete(*who, order.message_id, order.reason),
            ModerationAction.CLEAR: lambda: moderation.clear(*who, order.name, order.reason),
            ModerationAction.TIMEOUT: lambda: moderation.timeout(*who, order.name, order.length, order.reason),
            ModerationAction.BAN: lambda: moderation.ban(*who, order.name, order.reason),
            ModerationAction.UNBAN: lambda: moderation.unban(*who, order.name),
            ModerationAction.ADD_MODERATOR: lambda: moderation.add_moderator(*who, order.name),
            ModerationAction.REMOVE_MODERATOR: lambda: moderation.remove_moderator(*who, order.name),
            ModerationAction.PIN: lambda: moderation.pin(*who, order.message_id),
            ModerationAction.UNPIN: lambda: moderation.unpin(*who),
        }
        if order.action not in ways:
            raise InvalidError("action", "Invalid action.")
        return told(await ways[order.action]())

    async def _set_rule(self, channel_id: str, user_id: str, command: Command) -> ModerationLogEntry:
        change = self._rules[command.kind.name]
        try:
            return await self._moderation.change_rules(channel_id, user_id, lambda rules: change(rules, command.value))
        except InvalidError as error:
            raise usage(command.kind, error.public_message) from None


def parse_moderation_request(action: str, name: str, message_id: str, minutes: str, reason: str) -> ModerationRequest:
    """The order of a menu, as a browser says it; raises ``InvalidError``."""
    try:
        known = ModerationAction(action)
    except ValueError:
        raise InvalidError("action", "Invalid action.") from None
    if known is not ModerationAction.TIMEOUT:
        return ModerationRequest(known, name, message_id, reason=reason)
    if (length := parse_duration(minutes)) is None:
        raise InvalidError("minutes", "Give the length in minutes, or as in 90s, 2h and 3d.")
    return ModerationRequest(known, name, message_id, policy.clean_timeout(length), reason)


def told(entry: ModerationLogEntry) -> str:
    """What came of it, for who did it."""
    return _TOLD[entry.action].format(target=entry.target, detail=entry.detail)


_TOLD = {
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
