"""Does what a moderator orders, by a command or by a menu, and says in words what came of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from streaming_app.backend.chat import policy
from streaming_app.backend.chat.commands import TIMEOUT, Command, usable_by, usage
from streaming_app.backend.chat.model import Deed, Entry, Rules
from streaming_app.backend.chat.moderation import ModerationService
from streaming_app.backend.chat.rules import clean_age, clean_followers, clean_slow
from streaming_app.backend.chat.spans import span_in
from streaming_app.backend.errors import ForbiddenError, InvalidError


@dataclass(frozen=True, slots=True)
class Order:
    """One deed, and all that it may need."""

    deed: Deed
    name: str = ""
    """Of whom it concerns."""
    message_id: str = ""
    length: timedelta = TIMEOUT
    reason: str = ""


class Commander:
    """The way from an order to the use case."""

    def __init__(self, moderation: ModerationService) -> None:
        self._moderation = moderation
        self._rules: dict[str, Callable[[Rules, str], Rules]] = {
            "slow": lambda rules, typed: replace(rules, slow_seconds=clean_slow(typed)),
            "followers": lambda rules, typed: replace(rules, followers_only_minutes=clean_followers(typed or "0")),
            "age": lambda rules, typed: replace(rules, account_age_minutes=clean_age(typed)),
        }

    async def obey(self, channel_id: str, user_id: str, command: Command, reply_to: str) -> str:
        """Do what was typed; ``reply_to`` is the message that it was typed in answer to."""
        role = (await self._moderation.member(channel_id, user_id)).role
        if command.kind.name == "help":
            return "\n".join(f"{kind.usage}: {kind.help}" for kind in usable_by(role))
        if role.rank < command.kind.least.rank:
            raise ForbiddenError(f"/{command.kind.name} is for the channel's {command.kind.least}s.")
        if command.kind.deed is None:
            return told(await self._set_rule(channel_id, user_id, command))
        if command.kind.deed in {Deed.DELETE, Deed.PIN} and not reply_to:
            raise usage(command.kind, "Reply to the message with this command.")
        order = Order(command.kind.deed, command.name, reply_to, command.length or TIMEOUT, command.reason)
        return await self.carry_out(channel_id, user_id, order)

    async def carry_out(self, channel_id: str, user_id: str, order: Order) -> str:
        """Do what was chosen in a menu."""
        moderation, who = self._moderation, (channel_id, user_id)
        ways: dict[Deed, Callable[[], Awaitable[Entry]]] = {
            Deed.DELETE: lambda: moderation.delete(*who, order.message_id, order.reason),
            Deed.CLEAR: lambda: moderation.clear(*who, order.name, order.reason),
            Deed.TIMEOUT: lambda: moderation.timeout(*who, order.name, order.length, order.reason),
            Deed.BAN: lambda: moderation.ban(*who, order.name, order.reason),
            Deed.UNBAN: lambda: moderation.unban(*who, order.name),
            Deed.ADD_MODERATOR: lambda: moderation.add_moderator(*who, order.name),
            Deed.REMOVE_MODERATOR: lambda: moderation.remove_moderator(*who, order.name),
            Deed.PIN: lambda: moderation.pin(*who, order.message_id),
            Deed.UNPIN: lambda: moderation.unpin(*who),
        }
        if order.deed not in ways:
            raise InvalidError("deed", "Invalid action.")
        return told(await ways[order.deed]())

    async def _set_rule(self, channel_id: str, user_id: str, command: Command) -> Entry:
        change = self._rules[command.kind.name]
        try:
            return await self._moderation.change_rules(channel_id, user_id, lambda rules: change(rules, command.value))
        except InvalidError as error:
            raise usage(command.kind, error.public_message) from None


def order_of(deed: str, name: str, message_id: str, minutes: str, reason: str) -> Order:
    """The order of a menu, as a browser says it; raises ``InvalidError``."""
    try:
        known = Deed(deed)
    except ValueError:
        raise InvalidError("deed", "Invalid action.") from None
    if known is not Deed.TIMEOUT:
        return Order(known, name, message_id, reason=reason)
    if (length := span_in(minutes)) is None:
        raise InvalidError("minutes", "Give the length in minutes, or as in 90s, 2h and 3d.")
    return Order(known, name, message_id, policy.clean_timeout(length), reason)


def told(entry: Entry) -> str:
    """What came of it, for who did it."""
    return _TOLD[entry.deed].format(target=entry.target, detail=entry.detail)


_TOLD = {
    Deed.DELETE: "Message deleted.",
    Deed.CLEAR: "All messages of {target} deleted.",
    Deed.TIMEOUT: "{target} is timed out for {detail}.",
    Deed.BAN: "{target} is banned from this chat.",
    Deed.UNBAN: "{target} can chat again.",
    Deed.SET_RULES: "Chat rules changed: {detail}.",
    Deed.ADD_MODERATOR: "{target} is now a moderator.",
    Deed.REMOVE_MODERATOR: "{target} is no longer a moderator.",
    Deed.PIN: "Message pinned.",
    Deed.UNPIN: "Message unpinned.",
    Deed.APPROVE: "Message approved.",
    Deed.REJECT: "Message rejected.",
}
