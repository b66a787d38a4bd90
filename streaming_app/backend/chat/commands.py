"""What a chatter can type instead of a message: ``/timeout troll 10m spamming``. Read here, done elsewhere."""

from dataclasses import dataclass
from datetime import timedelta

from streaming_app.backend.chat.model import Deed, Role
from streaming_app.backend.chat.spans import span_in
from streaming_app.backend.errors import InvalidError

SLASH = "/"
TIMEOUT = timedelta(minutes=10)
"""Of a timeout that names no length."""


@dataclass(frozen=True, slots=True)
class CommandKind:
    """A command that there is."""

    name: str
    """Without the slash."""
    usage: str
    help: str
    least: Role
    """Who may use it."""
    deed: Deed | None
    """``None``: it only tells something, or sets one of the rules."""

    @property
    def takes_name(self) -> bool:
        """Whether it is for one person, who is named first."""
        return self.deed in _TAKE_NAME


COMMANDS = tuple(
    CommandKind(usage.split()[0].removeprefix(SLASH), usage, text, least, deed)
    for usage, text, least, deed in (
        ("/help", "List the commands.", Role.VIEWER, None),
        (
            "/timeout name [90s|10m|1h|2d] [reason]",
            "Stop someone from chatting for a while (10 minutes unless you say).",
            Role.MODERATOR,
            Deed.TIMEOUT,
        ),
        ("/untimeout name", "End someone's timeout.", Role.MODERATOR, Deed.UNBAN),
        ("/ban name [reason]", "Ban someone from this chat.", Role.MODERATOR, Deed.BAN),
        ("/unban name", "Lift someone's ban.", Role.MODERATOR, Deed.UNBAN),
        ("/clear name [reason]", "Delete all messages of someone.", Role.MODERATOR, Deed.CLEAR),
        ("/delete [reason]", "Delete the message you replied to.", Role.MODERATOR, Deed.DELETE),
        ("/pin", "Pin the message you replied to.", Role.MODERATOR, Deed.PIN),
        ("/unpin", "Unpin the message.", Role.MODERATOR, Deed.UNPIN),
        ("/slow seconds|off", "Turn on slow mode: time between two messages.", Role.MODERATOR, None),
        ("/followers [minutes]|off", "Only let followers chat.", Role.MODERATOR, None),
        ("/age minutes|off", "Set a minimum account age.", Role.MODERATOR, None),
        ("/mod name", "Make someone a moderator.", Role.OWNER, Deed.ADD_MODERATOR),
        ("/unmod name", "Remove someone as moderator.", Role.OWNER, Deed.REMOVE_MODERATOR),
    )
)
"""All of them, in the order in which people are shown them."""

_KINDS = {kind.name: kind for kind in COMMANDS}
_TAKE_NAME = frozenset({Deed.TIMEOUT, Deed.UNBAN, Deed.BAN, Deed.CLEAR, Deed.ADD_MODERATOR, Deed.REMOVE_MODERATOR})
_TAKE_REASON = frozenset({Deed.TIMEOUT, Deed.BAN, Deed.CLEAR, Deed.DELETE})


@dataclass(frozen=True, slots=True)
class Command:
    """A command that was typed."""

    kind: CommandKind
    name: str = ""
    """Of whom it concerns."""
    length: timedelta | None = None
    reason: str = ""
    value: str = ""
    """Of a rule, as typed."""


def usable_by(role: Role) -> list[CommandKind]:
    """The commands that ``role`` may use."""
    return [kind for kind in COMMANDS if role.rank >= kind.least.rank]


def read(text: str) -> Command | str:
    """The command in ``text``, or the message to say: two slashes say a text that begins with one.

    Raises ``InvalidError`` for what looks like a command and is none, with its usage.
    """
    if not text.startswith(SLASH):
        return text
    if text.startswith(2 * SLASH):
        return text.removeprefix(SLASH)
    word, *rest = text.split()
    if (kind := _KINDS.get(word.removeprefix(SLASH).lower())) is None:
        raise InvalidError(
            "text", f"Unknown command {word[:20]}. Type /help for a list; start with // to send a slash."
        )
    return _read(kind, rest)


def usage(kind: CommandKind, why: str) -> InvalidError:
    """The refusal of a command that was used wrongly."""
    return InvalidError("text", f"{why} Usage: {kind.usage}")


def _read(kind: CommandKind, words: list[str]) -> Command:
    if kind.deed is None:
        return _read_value(kind, words)
    name, length = "", None
    if kind.takes_name:
        if not words or not words[0].removeprefix("@"):
            raise usage(kind, "Name the person.")
        name, *words = words
    if kind.deed is Deed.TIMEOUT:
        length = TIMEOUT
        if words and words[0][0].isdecimal():
            if (length := span_in(words[0])) is None:
                raise usage(kind, f"“{words[0]}” is not a length of time.")
            words = words[1:]
    if words and kind.deed not in _TAKE_REASON:
        raise usage(kind, f"“{' '.join(words)}” is not expected here.")
    return Command(kind, name.removeprefix("@"), length, " ".join(words))


def _read_value(kind: CommandKind, words: list[str]) -> Command:
    most, least = (0, 0) if kind.name == "help" else (1, 0 if kind.name == "followers" else 1)
    if len(words) < least:
        raise usage(kind, "Give a number, or off.")
    if len(words) > most:
        raise usage(kind, f"“{' '.join(words[most:])}” is not expected here.")
    return Command(kind, value=" ".join(words))
