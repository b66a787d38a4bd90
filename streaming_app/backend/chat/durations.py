"""Parses durations such as ``90s``, ``10m``, ``1h``, ``2d``, and formats them as "1 hour 30 minutes"."""

import math
import re
from datetime import timedelta

_UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_TYPED = re.compile(r"([0-9]{1,7})\s?([a-z]*)", re.ASCII | re.IGNORECASE)
_NAMES = (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))


def parse_duration(typed: str, unit: str = "m") -> timedelta | None:
    """Parse a duration. A number without a unit is in ``unit``. Returns ``None`` if ``typed`` is not a duration."""
    if (found := _TYPED.fullmatch(typed.strip())) is None:
        return None
    letter = (found[2] or unit)[0].lower()
    is_word = found[2].lower() in {"", letter, *_words(letter)}
    return int(found[1]) * _UNITS[letter] if is_word and letter in _UNITS else None


def humanize(length: timedelta) -> str:
    """Format a duration in its two largest units, rounded up to a full second."""
    left = max(0, math.ceil(length.total_seconds()))
    parts: list[str] = []
    for name, seconds in _NAMES:
        count, left = divmod(left, seconds)
        if count or (name == "second" and not parts):
            parts.append(f"{count} {name}{'' if count == 1 else 's'}")
    return " ".join(parts[:2])


def _words(letter: str) -> set[str]:
    return {
        "s": {"sec", "secs", "second", "seconds"},
        "m": {"min", "mins", "minute", "minutes"},
        "h": {"hr", "hrs", "hour", "hours"},
        "d": {"day", "days"},
    }.get(letter, set())
