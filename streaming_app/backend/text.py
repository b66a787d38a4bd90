"""Text that people typed, as others may see it: nothing in it is unseen, steers a terminal or turns what follows."""

import unicodedata

_KEPT = frozenset("\n\u200c\u200d")
"""Line breaks, and the zero-width (non-)joiners that scripts and emoji are written with."""
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols that show nothing."""


def visible(text: str) -> str:
    """``text`` without surrounding space, control and direction characters; empty when nothing of it shows."""
    if text.isascii() and text.isprintable():
        return text.strip()
    cleaned = "".join(_clean(c) for c in text.replace("\r\n", "\n")).strip()
    return cleaned if any(_shows(c) for c in cleaned) else ""


def visible_line(text: str) -> str:
    """As ``visible``, on one line and with single spaces."""
    return " ".join(visible(text).split())


def _clean(character: str) -> str:
    if character in _KEPT:
        return character
    if character.isspace():
        return " "
    return "" if unicodedata.category(character) in {"Cc", "Cf", "Cs"} else character


def _shows(character: str) -> bool:
    is_mark = unicodedata.category(character).startswith("M")
    return not (character.isspace() or is_mark or character in _KEPT or character in _BLANK)
