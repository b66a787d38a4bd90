"""What a channel may filter out of its chat, as pure functions: blocked terms, links, shouting, repetition."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from streaming_app.backend.chat.blocked_terms import BlockedTermMatcher
from streaming_app.backend.chat.links import hosts_in, is_allowed
from streaming_app.backend.chat.model import ChatRules, LinkPolicy

CAPS_LETTERS_MIN = 12
"""A text with fewer letters shouts at nobody ..."""
CAPS_SHARE = 0.7
"""... and one shouts when so many of its letters are capitals."""
SAME_CHARACTER_MAX = 20
"""In a row."""
SAME_WORD_MAX = 8
"""In a row."""
LINES_MAX = 12
MARKS_MAX = 4
"""Accents on one letter, of whatever kind; with more it reaches over other people's lines. No language needs more."""
_WITHOUT_JOINERS = {0x200C: None, 0x200D: None}
"""Joiners do not show, and may stand between the accents of one letter."""

_IGNORED = re.compile(r"@[\w-]+|:\w+:|\S+://\S+", re.ASCII)
"""Names, emotes and addresses are written as they are."""


@dataclass(frozen=True, slots=True)
class FilterMatch:
    """A text that a filter caught."""

    author_message: str
    """What its writer reads: why, and how to mend it."""
    moderator_note: str
    """What a moderator reads."""


def find_match(text: str, rules: ChatRules) -> FilterMatch | None:
    """The first filter of ``rules`` that catches ``text``; ``None``: it is fine."""
    if rules.blocked_terms and (term := _matcher(rules.blocked_terms).find_in(text)):
        return FilterMatch("Your message contains a blocked term. Rephrase it.", f"Blocked term: {term}")
    if rules.links is not LinkPolicy.ALLOWED and (host := _disallowed_host(text, rules)):
        told = f"Links to {host} are not allowed here." if rules.allowed_hosts else "Links are not allowed here."
        return FilterMatch(f"{told} Remove the link, or put a space after the dot.", f"Link to {host}")
    if rules.limits_caps and is_mostly_capitals(text):
        return FilterMatch("Use fewer capital letters.", "Capital letters")
    if rules.limits_flood and (what := describe_flood(text)):
        return FilterMatch(f"Your message has {what}. Shorten it.", f"Flood: {what}")
    return None


def is_mostly_capitals(text: str) -> bool:
    """Whether most of it is in capitals, where there is a choice: only some scripts have them."""
    words = _IGNORED.sub(" ", text) if not text.islower() else ""
    capitals = sum(character.isupper() for character in words)
    letters = capitals + sum(character.islower() for character in words)
    return letters >= CAPS_LETTERS_MIN and capitals >= CAPS_SHARE * letters


def describe_flood(text: str) -> str:
    """What there is too much of, in words; empty: nothing."""
    if text.count("\n") >= LINES_MAX:
        return "too many lines"
    if _longest_run(text) > SAME_CHARACTER_MAX:
        return "the same character over and over"
    if _longest_run(text.casefold().split()) > SAME_WORD_MAX:
        return "the same word over and over"
    return "" if text.isascii() or _marks(text) <= MARKS_MAX else "too many accents"


def normalized_text(text: str) -> str:
    """Two texts with one and the same of these say the same."""
    return " ".join(text.casefold().split())


def _disallowed_host(text: str, rules: ChatRules) -> str:
    allowed = rules.allowed_hosts if rules.links is LinkPolicy.LISTED else ()
    return next((host for host in hosts_in(text) if not is_allowed(host, allowed)), "")


@lru_cache(maxsize=256)
def _matcher(terms: tuple[str, ...]) -> BlockedTermMatcher:
    return BlockedTermMatcher(terms)


def _longest_run(items: str | list[str]) -> int:
    return max((sum(1 for _ in run) for item, run in groupby(items) if item != " "), default=0)


def _marks(text: str) -> int:
    """The most accents in a row."""
    runs = groupby(text.translate(_WITHOUT_JOINERS), key=_is_mark)
    return max((sum(1 for _ in run) for is_mark, run in runs if is_mark), default=0)


def _is_mark(character: str) -> bool:
    """Whether it is drawn on the letter before it: by category, as many marks have no combining class."""
    return unicodedata.category(character).startswith("M")
