"""Blocked terms: whole words and phrases, with ``*`` for any letters, however they are disguised.

A text is taken apart once and its words are looked up; only terms with an asterisk are tried one by one, and those only
where their longest piece is in the text. Nothing here goes back in the text, so no text takes long.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from streaming_app.backend.chat.lookalikes import is_unspaced, readings, term_readings

_LEET = str.maketrans("013457$@", "oieastsa")
_LEET_L = str.maketrans("013457$@", "oleastsa")
"""A 1 stands for an i or an l."""
_DISGUISE = re.compile(r"[\w$@!|]+")
_SIGN_WITHIN = re.compile(r"(?<=\w)[!|](?=\w)")
_STRETCHED = re.compile(r"(\w)\1{2,}")
_SPELLED_MIN = 3
"""So many letters that stand alone are read as a word: b a d, b.a.d."""


@dataclass(frozen=True, slots=True)
class _Wild:
    """A term with asterisks, word by word, each cut at them."""

    words: tuple[tuple[str, ...], ...]
    rarest: str
    """Its longest piece."""
    term: str

    def is_in(self, words: Sequence[str]) -> bool:
        count = len(self.words)
        return any(
            all(_fits(word, pieces) for word, pieces in zip(words[at : at + count], self.words, strict=True))
            for at in range(len(words) - count + 1)
        )


class Terms:
    """A list of blocked terms, made ready once."""

    def __init__(self, terms: Sequence[str]) -> None:
        self._phrases: dict[str, list[tuple[list[str], str]]] = {}
        self._wild: list[_Wild] = []
        for term in terms:
            for reading in term_readings(term):
                self._add(reading.split(), term)

    def __bool__(self) -> bool:
        return bool(self._phrases or self._wild)

    def found_in(self, text: str) -> str:
        """The first term that is in ``text``, as it was listed; empty when none is."""
        return next((term for words in _word_lists(text) if (term := self._found(words))), "")

    def _add(self, words: list[str], term: str) -> None:
        if not any(word.strip("*") for word in words):
            return
        if is_unspaced(term):
            words = [f"*{words[0]}", *words[1:]]
            words = [*words[:-1], f"{words[-1]}*"]
        if any("*" in word for word in words):
            cut = tuple(tuple(word.split("*")) for word in words)
            self._wild.append(_Wild(cut, max((piece for pieces in cut for piece in pieces), key=len), term))
        else:
            self._phrases.setdefault(words[0], []).append((words, term))

    def _found(self, words: list[str]) -> str:
        for at, word in enumerate(words):
            for phrase, term in self._phrases.get(word, ()):
                if words[at : at + len(phrase)] == phrase:
                    return term
        if self._wild:
            line = " ".join(words)
            return next((wild.term for wild in self._wild if wild.rarest in line and wild.is_in(words)), "")
        return ""


def _word_lists(text: str) -> Iterator[list[str]]:
    """The words of ``text`` in each way in which it may be read."""
    for shown in dict.fromkeys((text, _undisguised(text, _LEET), _undisguised(text, _LEET_L))):
        for reading in readings(shown):
            words = reading.split()
            yield words
            yield from _stretched(words)
            if spelled := _spelled(words):
                yield spelled


def _undisguised(text: str, table: dict[int, int]) -> str:
    """Digits and signs as the letters they stand for, in words that have letters too: "b4d", not "404"."""

    def read(found: re.Match[str]) -> str:
        word = found[0]
        if not any(character.isalpha() for character in word):
            return word
        return _SIGN_WITHIN.sub("i", word).translate(table)

    return _DISGUISE.sub(read, text)


def _stretched(words: list[str]) -> Iterator[list[str]]:
    """With "baaaad" as "bad", and as "baad"."""
    line = " ".join(words)
    if _STRETCHED.search(line):
        yield _STRETCHED.sub(r"\1", line).split()
        yield _STRETCHED.sub(r"\1\1", line).split()


def _spelled(words: list[str]) -> list[str]:
    """The words that are spelled letter by letter."""
    runs = [list(run) for alone, run in groupby(words, key=lambda word: len(word) == 1) if alone]
    return ["".join(run) for run in runs if len(run) >= _SPELLED_MIN]


def _fits(word: str, pieces: tuple[str, ...]) -> bool:
    """Whether ``word`` is these pieces in this order, with anything between them."""
    if len(pieces) == 1:
        return word == pieces[0]
    first, *within, last = pieces
    if len(word) < len(first) + len(last) or not word.startswith(first) or not word.endswith(last):
        return False
    at, end = len(first), len(word) - len(last)
    for piece in within:
        at = word.find(piece, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True
