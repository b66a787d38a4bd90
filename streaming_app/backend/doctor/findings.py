"""The result of one check."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check has found. The texts contain no secret."""

    check: str
    """Name of the check, the same in each run."""
    level: Level
    message: str
    """One or two sentences that say what is right or wrong."""
    fix: str = ""
    """How to correct it."""


Check = Callable[[], Awaitable[Sequence[Finding]]]


def ok(check: str, message: str) -> list[Finding]:
    """Return the finding of a check that found nothing wrong."""
    return [Finding(check, "ok", message)]


def warning(check: str, message: str, fix: str) -> list[Finding]:
    """Return the finding of something that works now and may not later."""
    return [Finding(check, "warning", message, fix)]


def wrong(check: str, message: str, fix: str) -> list[Finding]:
    """Return the finding of something that does not work, or is not safe."""
    return [Finding(check, "wrong", message, fix)]


def refused(check: str, error: Exception) -> list[Finding]:
    """Return the finding of an error whose message is for operators: first what is wrong, then how to correct it."""
    what, dot, fix = str(error).partition(". ")
    return wrong(check, what + dot.strip(), fix)
