"""The rules of chat, as pure functions that return or raise."""

import unicodedata

from streaming_app.backend.errors import ForbiddenError, InvalidError

_KEPT = frozenset("\n\u200c\u200d")
"""Line breaks, and the zero-width (non-)joiners that scripts and emoji are written with."""
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols that show nothing."""


def clean_text(text: str, max_length: int) -> str:
    """``text`` without surrounding space, control and direction characters; raises ``InvalidError``."""
    typed = text.strip()
    if len(typed) > 2 * max_length:
        raise _too_long(len(typed), max_length)
    cleaned = "".join(_clean(c) for c in typed.replace("\r\n", "\n")).strip()
    if not any(_shows(c) for c in cleaned):
        raise InvalidError("text", "Write something first.")
    if len(cleaned) > max_length:
        raise _too_long(len(cleaned), max_length)
    return cleaned


def may_post(*, banned: bool) -> None:
    """Raises ``ForbiddenError`` for a user who is banned from the site."""
    if banned:
        raise ForbiddenError("This account is banned from the site.")


def _clean(character: str) -> str:
    if character in _KEPT:
        return character
    if character.isspace():
        return " "
    return "" if unicodedata.category(character) in {"Cc", "Cf", "Cs"} else character


def _shows(character: str) -> bool:
    is_mark = unicodedata.category(character).startswith("M")
    return not (character.isspace() or is_mark or character in _KEPT or character in _BLANK)


def _too_long(length: int, max_length: int) -> InvalidError:
    return InvalidError("text", f"Messages have {max_length} characters at most: this is {length}.")
