"""Finds blocked words and phrases in a text, also in disguise. ``*`` in a term stands for any letters.

The words of a text are looked up in a dictionary. Only terms with an asterisk are matched one by one, and only if all
their fixed parts occur in the text. Their patterns backtrack within a single word, so matching is fast for every text.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import groupby

from streaming_app.backend.chat.confusables import is_unspaced, skeletons, term_skeletons

_LEET = str.maketrans("013457$@", "oieastsa")
_LEET_L = str.maketrans("013457$@", "oleastsa")
"""Leetspeak letters. A 1 may stand for an i or an l, so there are two tables."""
_LEET_WORD = re.compile(r"[\w$@!|]+")
_SIGN_WITHIN = re.compile(r"(?<=\w)[!|](?=\w)")
_REPEATED_LETTERS = re.compile(r"(\w)\1{2,}")
_SPELLED_MIN = 3
"""Minimum number of consecutive single letters that are read as one word: b a d, b.a.d."""


class _WildcardTerm:
    """A term with asterisks."""

    def __init__(self, words: Sequence[str], term: str) -> None:
        self.term = term
        self._words = words
        self._pieces = {piece for word in words for piece in word.split("*") if piece}

    def is_in(self, line: str) -> bool:
        """Return whether the term is in ``line``: words with one space before and after each."""
        return all(piece in line for piece in self._pieces) and bool(self._pattern.search(line))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        """Compiled on first use, because compiling hundreds of patterns at once is slow."""
        return re.compile(f" {' '.join(map(_word_pattern, self._words))} ")


class BlockedTermMatcher:
    """A prepared list of blocked terms."""

    def __init__(self, terms: Sequence[str]) -> None:
        self._phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self._wild: list[_WildcardTerm] = []
        for term in terms:
            for reading in term_skeletons(term):
                self._add(reading.split(), term)

    def __bool__(self) -> bool:
        return bool(self._phrases or self._wild)

    def find_in(self, text: str) -> str:
        """Return the first term that ``text`` contains, as it was listed; empty if there is none."""
        lists = dict.fromkeys(tuple(words) for words in _word_lists(text))
        return next((term for words in lists if (term := self._find_in_words(words))), "")

    def _add(self, words: list[str], term: str) -> None:
        if not any(word.strip("*") for word in words):
            return
        if is_unspaced(term):
            words = [f"*{words[0]}", *words[1:]]
            words = [*words[:-1], f"{words[-1]}*"]
        if any("*" in word for word in words):
            self._wild.append(_WildcardTerm(words, term))
        else:
            self._phrases.setdefault(words[0], []).append((tuple(words), term))

    def _find_in_words(self, words: Sequence[str]) -> str:
        for at, word in enumerate(words):
            for phrase, term in self._phrases.get(word, ()):
                if words[at : at + len(phrase)] == phrase:
                    return term
        if self._wild:
            line = f" {' '.join(words)} "
            return next((wild.term for wild in self._wild if wild.is_in(line)), "")
        return ""


def _word_lists(text: str) -> Iterator[list[str]]:
    """Yield the words of ``text`` for each possible reading."""
    for shown in dict.fromkeys((text, _without_leetspeak(text, _LEET), _without_leetspeak(text, _LEET_L))):
        for reading in skeletons(shown):
            words = reading.split()
            yield words
            yield from _with_repeats_collapsed(words)
            if spelled := _spelled_out_words(words):
                yield spelled


def _without_leetspeak(text: str, table: dict[int, int]) -> str:
    """Replace digits and symbols by the letters they stand for, in words that have letters: "b4d", not "404"."""

    def read(found: re.Match[str]) -> str:
        word = found[0]
        if not any(character.isalpha() for character in word):
            return word
        return _SIGN_WITHIN.sub("i", word).translate(table)

    return _LEET_WORD.sub(read, text)


def _with_repeats_collapsed(words: list[str]) -> Iterator[list[str]]:
    """Yield the words with repeated letters collapsed: "baaaad" as "bad" and as "baad"."""
    line = " ".join(words)
    if _REPEATED_LETTERS.search(line):
        yield _REPEATED_LETTERS.sub(r"\1", line).split()
        yield _REPEATED_LETTERS.sub(r"\1\1", line).split()


def _spelled_out_words(words: list[str]) -> list[str]:
    """Return the words that are spelled letter by letter."""
    runs = [list(run) for alone, run in groupby(words, key=lambda word: len(word) == 1) if alone]
    return ["".join(run) for run in runs if len(run) >= _SPELLED_MIN]


def _word_pattern(word: str) -> str:
    """Return a pattern that matches each part of the word at its first occurrence, without backtracking."""
    first, *further = map(re.escape, word.split("*"))
    if not further:
        return first
    within = "".join(f"(?>[^ ]*?{piece})" for piece in further[:-1] if piece)
    return f"{first}{within}[^ ]*{further[-1]}"
