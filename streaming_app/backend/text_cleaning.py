"""Cleans text that people typed, without invisible, control and text direction characters, and checks its length."""

import re
import unicodedata

from streaming_app.backend.errors import InvalidError

_KEPT = frozenset("\n\u200c\u200d")
"""Kept although invisible: line breaks, and the zero-width (non-)joiners that scripts and emoji need."""
_ENCLOSING_SIGNS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
"""Visible format characters (Prepended_Concatenation_Mark), which are drawn around the digits that follow."""
_FLAG_OR_CHARACTER = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f|.", re.DOTALL)
"""Matches the flag of a region, such as Scotland (a black flag, invisible tags and an end tag), or one character."""
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols that are drawn as blank."""


def visible_text(text: str) -> str:
    """Return ``text`` without surrounding spaces, control and direction characters; empty if nothing is visible."""
    if text.isascii() and text.isprintable():
        return text.strip()
    cleaned = _FLAG_OR_CHARACTER.sub(lambda found: _clean(found[0]), text.replace("\r\n", "\n")).strip()
    return cleaned if any(_shows(c) for c in cleaned) else ""


def visible_line(text: str) -> str:
    """Return the same as ``visible_text``, on one line and with single spaces."""
    return " ".join(visible_text(text).split())


def check_length(text: str, characters_max: int, field: str) -> str:
    """Return ``text``; raises ``InvalidError`` for ``field`` if it has more than ``characters_max`` characters."""
    if len(text) > characters_max:
        raise InvalidError(field, f"Use {characters_max} characters or fewer. You entered {len(text)}.")
    return text


def _clean(character: str) -> str:
    """Return the replacement of one character or flag: itself, a space or nothing."""
    if len(character) > 1 or character in _KEPT or character in _ENCLOSING_SIGNS:
        return character
    if character.isspace():
        return " "
    return "" if unicodedata.category(character) in {"Cc", "Cf", "Cs"} else character


def _shows(character: str) -> bool:
    is_mark = unicodedata.category(character).startswith("M")
    return not (character.isspace() or is_mark or character in _KEPT or character in _BLANK)
