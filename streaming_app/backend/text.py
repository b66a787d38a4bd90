"""Text that people typed, as others may see it: nothing in it is unseen, steers a terminal or turns what follows."""

import re
import unicodedata

_KEPT = frozenset("\n\u200c\u200d")
"""Line breaks, and the zero-width (non-)joiners that scripts and emoji are written with."""
_ENCLOSING_SIGNS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
"""Format characters that show (Prepended_Concatenation_Mark): they stand before digits and are drawn around them."""
_FLAG_OR_CHARACTER = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f|.", re.DOTALL)
"""The flag of a region, as of Scotland: a black flag, the region's code in invisible tags, and the tag that ends it."""
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols that show nothing."""


def visible_text(text: str) -> str:
    """``text`` without surrounding space, control and direction characters; empty when nothing of it shows."""
    if text.isascii() and text.isprintable():
        return text.strip()
    cleaned = _FLAG_OR_CHARACTER.sub(lambda found: _clean(found[0]), text.replace("\r\n", "\n")).strip()
    return cleaned if any(_shows(c) for c in cleaned) else ""


def visible_line(text: str) -> str:
    """As ``visible``, on one line and with single spaces."""
    return " ".join(visible_text(text).split())


def _clean(character: str) -> str:
    """What stays of one character or flag."""
    if len(character) > 1 or character in _KEPT or character in _ENCLOSING_SIGNS:
        return character
    if character.isspace():
        return " "
    return "" if unicodedata.category(character) in {"Cc", "Cf", "Cs"} else character


def _shows(character: str) -> bool:
    is_mark = unicodedata.category(character).startswith("M")
    return not (character.isspace() or is_mark or character in _KEPT or character in _BLANK)
