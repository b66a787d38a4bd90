"""Converts text to skeletons (Unicode UTS 39): texts that look the same have the same skeleton.

Case, accents and invisible characters are removed. Letters that look like one of a to z, according to Unicode's list of
confusables, are replaced by that letter.
"""

import re
import unicodedata

from confusable_homoglyphs import confusables

_ACCENTS = range(0x0300, 0x0370)
"""Combining marks of Latin, Greek and Cyrillic. Marks of other scripts are kept, because they are vowels."""
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Invisible letters and marks, in addition to the format characters (category Cf)."""
_ENCLOSED_LETTERS = {first + n: chr(ord("a") + n) for first in (0x1F150, 0x1F170) for n in range(26)}
"""White letters in black circles and squares, which NFKD does not change."""
_LATIN_LETTER_NAME = re.compile(r"LATIN (?:LETTER SMALL CAPITAL|(?:SMALL|CAPITAL) LETTER) ([A-Z])(?: WITH .*)?")
"""Unicode names that contain the base letter: small capitals, and letters with strokes and hooks."""
_UNSPACED = (
    *(range(0x0E00, 0x0F00), range(0x1000, 0x10A0), range(0x1780, 0x1800)),
    *(range(0x3040, 0x3100), range(0x3400, 0xA000), range(0x20000, 0x40000)),
)
"""Scripts without spaces between words: Thai, Lao, Burmese, Khmer, Japanese, Chinese."""
_CACHE_MAX = 20_000
"""Maximum number of cached characters. Without a limit, users could fill the memory with a million of them."""


class _SkeletonTable(dict[int, str]):
    """A self-filling table for ``str.translate``. Characters that are not part of a word become spaces."""

    def __init__(self, *, as_shown: bool, kept: str = "") -> None:
        super().__init__({ord(c): c for c in kept} | _ENCLOSED_LETTERS)
        self._as_shown = as_shown

    def __missing__(self, code: int) -> str:
        folded = self._fold(chr(code))
        if len(self) < _CACHE_MAX:
            self[code] = folded
        return folded

    def _fold(self, character: str) -> str:
        category = unicodedata.category(character)
        if (
            category == "Cf"
            or character in _INVISIBLE
            or "\ufe00" <= character <= "\ufe0f"
            or ord(character) in _ACCENTS
        ):
            return ""
        if character.isascii():
            return character.lower() if character.isalnum() else " "
        if letter := self._letter(character):
            return letter
        return character.casefold() if character.isalnum() or category.startswith("M") else " "

    def _letter(self, character: str) -> str:
        lower, upper = character.lower(), character.upper()
        if self._as_shown and (letter := _latin(character)):
            return letter
        return _latin(lower) or _latin(upper)


_ANY_CASE, _AS_SHOWN = _SkeletonTable(as_shown=False), _SkeletonTable(as_shown=True)
_TERM_ANY_CASE, _TERM_AS_SHOWN = _SkeletonTable(as_shown=False, kept="*"), _SkeletonTable(as_shown=True, kept="*")


def skeletons(text: str) -> set[str]:
    """Return the skeletons of ``text``: words of folded letters, separated by spaces.

    There are two if a capital looks like another letter than its lower case: a Greek capital nu reads as nu and as N.
    """
    return _skeletons(text, _ANY_CASE, _AS_SHOWN)


def term_skeletons(term: str) -> set[str]:
    """Return the skeletons of a blocked term. Asterisks are kept."""
    return _skeletons(term, _TERM_ANY_CASE, _TERM_AS_SHOWN)


def is_unspaced(text: str) -> bool:
    """Return whether ``text`` contains characters of a script without spaces between words."""
    return any(ord(character) in script for character in text for script in _UNSPACED)


def _skeletons(text: str, *folds: _SkeletonTable) -> set[str]:
    if text.isascii():
        return {text.translate(folds[0])}
    plain = unicodedata.normalize("NFKD", text)
    return {unicodedata.normalize("NFC", plain.translate(fold)) for fold in folds}


def _latin(character: str) -> str:
    """Return the letter of a to z that ``character`` looks like; empty if there is none."""
    if len(character) != 1 or character.isascii():
        return ""
    for alike in confusables.confusables_data.get(character, ()):
        first, rest = alike["c"][:1], alike["c"][1:]
        if first.isascii() and first.isalpha() and all(unicodedata.combining(mark) for mark in rest):
            return first.lower()
    named = _LATIN_LETTER_NAME.fullmatch(unicodedata.name(character, ""))
    return named[1].lower() if named else ""
