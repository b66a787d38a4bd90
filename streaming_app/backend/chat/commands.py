"""Defines and parses chat commands such as ``/timeout troll 10m spamming``."""

from dataclasses import dataclass
from datetime import timedelta

from streaming_app.backend.chat.durations import parse_duration
from streaming_app.backend.chat.model import ModerationAction, Role
from streaming_app.backend.errors import InvalidError

SLASH = "/"
DEFAULT_TIMEOUT = timedelta(minutes=10)
"""Length of a timeout that names none."""


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """The definition of a command."""

    name: str
    """Without the slash."""
    usage: str
    help: str
    minimum_role: Role
    """The lowest role that may use the command."""
    action: ModerationAction | None
    """``None`` for ``/help`` and for commands that set a rule."""

    @property
    def takes_name(self) -> bool:
        """Whether the first argument is the name of a person."""
        return self.action in _TAKE_NAME


COMMANDS = tuple(
    CommandSpec(usage.split()[0].removeprefix(SLASH), usage, text, least, action)
    for usage, text, least, action in (
        ("/help", "List the commands.", Role.VIEWER, None),
        (
            "/timeout name [90s|10m|1h|2d] [reason]",
            "Stop someone from chatting for a while (10 minutes by default).",
            Role.MODERATOR,
            ModerationAction.TIMEOUT,
        ),
        ("/untimeout name", "End someone's timeout.", Role.MODERATOR, ModerationAction.UNBAN),
        ("/ban name [reason]", "Ban someone from this chat.", Role.MODERATOR, ModerationAction.BAN),
        ("/unban name", "Lift someone's ban.", Role.MODERATOR, ModerationAction.UNBAN),
        ("/clear name [reason]", "Delete all of someone's messages.", Role.MODERATOR, ModerationAction.CLEAR),
        ("/delete [reason]", "Delete the message you replied to.", Role.MODERATOR, ModerationAction.DELETE),
        ("/pin", "Pin the message you replied to.", Role.MODERATOR, ModerationAction.PIN),
        ("/unpin", "Unpin the message.", Role.MODERATOR, ModerationAction.UNPIN),
        ("/slow seconds|off", "Turn on slow mode: time between two messages.", Role.MODERATOR, None),
        ("/followers [minutes]|off", "Only let followers chat.", Role.MODERATOR, None),
        ("/age minutes|off", "Set a minimum account age.", Role.MODERATOR, None),
        ("/mod name", "Make someone a moderator.", Role.OWNER, ModerationAction.ADD_MODERATOR),
        ("/unmod name", "Remove someone as moderator.", Role.OWNER, ModerationAction.REMOVE_MODERATOR),
    )
)
"""All commands, in the order of ``/help``."""

_SPECS = {spec.name: spec for spec in COMMANDS}
_TAKE_NAME = frozenset(
    {
        ModerationAction.TIMEOUT,
        ModerationAction.UNBAN,
        ModerationAction.BAN,
        ModerationAction.CLEAR,
        ModerationAction.ADD_MODERATOR,
        ModerationAction.REMOVE_MODERATOR,
    }
)
_TAKE_REASON = frozenset(
    {ModerationAction.TIMEOUT, ModerationAction.BAN, ModerationAction.CLEAR, ModerationAction.DELETE}
)


@dataclass(frozen=True, slots=True)
class Command:
    """A parsed command."""

    spec: CommandSpec
    name: str = ""
    """Name of the person concerned."""
    length: timedelta | None = None
    reason: str = ""
    value: str = ""
    """Value of a rule, as typed."""


def commands_for_role(role: Role) -> list[CommandSpec]:
    """Return the commands that ``role`` may use."""
    return [spec for spec in COMMANDS if role.rank >= spec.minimum_role.rank]


def parse(text: str) -> Command | str:
    """Parse a typed text. Returns the command, or the text to send: ``//`` stands for a slash at the start.

    Raises ``InvalidError``, with the usage of the command, if the command is unknown or its arguments are invalid.
    """
    if not text.startswith(SLASH):
        return text
    if text.startswith(2 * SLASH):
        return text.removeprefix(SLASH)
    word, *rest = text.split()
    if (spec := _SPECS.get(word.removeprefix(SLASH).lower())) is None:
        raise InvalidError(
            "text", f"Unknown command {word[:20]}. Type /help for a list; start with // to send a slash."
        )
    return _parse_arguments(spec, rest)


def usage_error(spec: CommandSpec, why: str) -> InvalidError:
    """Return the error for wrong arguments of a command."""
    return InvalidError("text", f"{why} Usage: {spec.usage}")


def _parse_arguments(spec: CommandSpec, words: list[str]) -> Command:
    if spec.action is None:
        return _parse_value(spec, words)
    name, length = "", None
    if spec.takes_name:
        if not words or not words[0].removeprefix("@"):
            raise usage_error(spec, "Enter a name.")
        name, *words = words
    if spec.action is ModerationAction.TIMEOUT:
        length = DEFAULT_TIMEOUT
        if words and words[0][0].isdecimal():
            if (length := parse_duration(words[0])) is None:
                raise usage_error(spec, f"“{words[0]}” is not a length of time.")
            words = words[1:]
    if words and spec.action not in _TAKE_REASON:
        raise usage_error(spec, f"“{' '.join(words)}” is not expected here.")
    return Command(spec, name.removeprefix("@"), length, " ".join(words))


def _parse_value(spec: CommandSpec, words: list[str]) -> Command:
    most, least = (0, 0) if spec.name == "help" else (1, 0 if spec.name == "followers" else 1)
    if len(words) < least:
        raise usage_error(spec, "Enter a number, or off.")
    if len(words) > most:
        raise usage_error(spec, f"“{' '.join(words[most:])}” is not expected here.")
    return Command(spec, value=" ".join(words))
