"""Blocked terms: whole words and phrases, with ``*`` for any letters, however they are disguised.

A text is taken apart once and its words are looked up; only terms with an asterisk are tried one by one, and those only
when all their pieces are in the text. They never go back over more than one word, so no text takes long.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import groupby

from streaming_app.backend.chat.confusables import is_unspaced, skeletons, term_skeletons

_LEET = str.maketrans("013457$@", "oieastsa")
_LEET_L = str.maketrans("013457$@", "oleastsa")
"""A 1 stands for an i or an l."""
_LEET_WORD = re.compile(r"[\w$@!|]+")
_SIGN_WITHIN = re.compile(r"(?<=\w)[!|](?=\w)")
_REPEATED_LETTERS = re.compile(r"(\w)\1{2,}")
_SPELLED_MIN = 3
"""So many letters that stand alone are read as a word: b a d, b.a.d."""


class _WildcardTerm:
    """A term with asterisks."""

    def __init__(self, words: Sequence[str], term: str) -> None:
        self.term = term
        self._words = words
        self._pieces = {piece for word in words for piece in word.split("*") if piece}

    def is_in(self, line: str) -> bool:
        """Whether it is among words that have one space before and behind each."""
        return all(piece in line for piece in self._pieces) and bool(self._pattern.search(line))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        """Made when it is needed: to make hundreds at once takes long."""
        return re.compile(f" {' '.join(map(_word_pattern, self._words))} ")


class BlockedTermMatcher:
    """A list of blocked terms, made ready once."""

    def __init__(self, terms: Sequence[str]) -> None:
        self._phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self._wild: list[_WildcardTerm] = []
        for term in terms:
            for reading in term_skeletons(term):
                self._add(reading.split(), term)

    def __bool__(self) -> bool:
        return bool(self._phrases or self._wild)

    def find_in(self, text: str) -> str:
        """The first term that is in ``text``, as it was listed; empty when none is."""
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
    """The words of ``text`` in each way in which it may be read."""
    for shown in dict.fromkeys((text, _without_leetspeak(text, _LEET), _without_leetspeak(text, _LEET_L))):
        for reading in skeletons(shown):
            words = reading.split()
            yield words
            yield from _with_repeats_collapsed(words)
            if spelled := _spelled_out_words(words):
                yield spelled


def _without_leetspeak(text: str, table: dict[int, int]) -> str:
    """Digits and signs as the letters they stand for, in words that have letters too: "b4d", not "404"."""

    def read(found: re.Match[str]) -> str:
        word = found[0]
        if not any(character.isalpha() for character in word):
            return word
        return _SIGN_WITHIN.sub("i", word).translate(table)

    return _LEET_WORD.sub(read, text)


def _with_repeats_collapsed(words: list[str]) -> Iterator[list[str]]:
    """With "baaaad" as "bad", and as "baad"."""
    line = " ".join(words)
    if _REPEATED_LETTERS.search(line):
        yield _REPEATED_LETTERS.sub(r"\1", line).split()
        yield _REPEATED_LETTERS.sub(r"\1\1", line).split()


def _spelled_out_words(words: list[str]) -> list[str]:
    """The words that are spelled letter by letter."""
    runs = [list(run) for alone, run in groupby(words, key=lambda word: len(word) == 1) if alone]
    return ["".join(run) for run in runs if len(run) >= _SPELLED_MIN]


def _word_pattern(word: str) -> str:
    """Takes each piece where it comes first, for good: trying further on would find nothing more."""
    first, *further = map(re.escape, word.split("*"))
    if not further:
        return first
    within = "".join(f"(?>[^ ]*?{piece})" for piece in further[:-1] if piece)
    return f"{first}{within}[^ ]*{further[-1]}"
