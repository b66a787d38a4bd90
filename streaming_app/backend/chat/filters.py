"""The chat filters of a channel as pure functions: blocked terms, links, capitals and floods."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from streaming_app.backend.chat.blocked_terms import BlockedTermMatcher
from streaming_app.backend.chat.links import hosts_in, is_allowed
from streaming_app.backend.chat.model import ChatRules, LinkPolicy

CAPS_LETTERS_MIN = 12
"""Texts with fewer letters never match the capitals filter."""
CAPS_SHARE = 0.7
"""Share of capitals among the letters from which a text matches the capitals filter."""
SAME_CHARACTER_MAX = 20
"""Allowed repetitions of a character in a row."""
SAME_WORD_MAX = 8
"""Allowed repetitions of a word in a row."""
LINES_MAX = 12
MARKS_MAX = 4
"""Allowed combining marks on one letter. More would cover other messages; no language needs more."""
_WITHOUT_JOINERS = {0x200C: None, 0x200D: None}
"""Removes the invisible joiners, which may occur between the marks of one letter."""

_IGNORED = re.compile(r"@[\w-]+|:\w+:|\S+://\S+", re.ASCII)
"""Mentions, emotes and URLs, whose capitals do not count."""


@dataclass(frozen=True, slots=True)
class FilterMatch:
    """The result of a filter that matched a message."""

    author_message: str
    """Tells the author what is wrong and how to fix it."""
    moderator_note: str
    """Tells moderators which filter matched."""


def find_match(text: str, rules: ChatRules) -> FilterMatch | None:
    """Return the match of the first filter in ``rules`` that matches ``text``, or ``None``."""
    if rules.blocked_terms and (term := _matcher(rules.blocked_terms).find_in(text)):
        return FilterMatch("Your message contains a blocked term. Rephrase it.", f"Blocked term: {term}")
    if rules.links is not LinkPolicy.ALLOWED and (host := _disallowed_host(text, rules)):
        message = f"Links to {host} are not allowed here." if rules.allowed_hosts else "Links are not allowed here."
        return FilterMatch(f"{message} Remove the link, or put a space after the dot.", f"Link to {host}")
    if rules.limits_caps and is_mostly_capitals(text):
        return FilterMatch("Use fewer capital letters.", "Capital letters")
    if rules.limits_flood and (what := describe_flood(text)):
        return FilterMatch(f"Your message has {what}. Shorten it.", f"Flood: {what}")
    return None


def is_mostly_capitals(text: str) -> bool:
    """Return whether most letters are capitals. Letters of scripts without capitals do not count."""
    words = _IGNORED.sub(" ", text) if not text.islower() else ""
    capitals = sum(character.isupper() for character in words)
    letters = capitals + sum(character.islower() for character in words)
    return letters >= CAPS_LETTERS_MIN and capitals >= CAPS_SHARE * letters


def describe_flood(text: str) -> str:
    """Return a description of what is repeated too often; empty if nothing is."""
    if text.count("\n") >= LINES_MAX:
        return "too many lines"
    if _longest_run(text) > SAME_CHARACTER_MAX:
        return "the same character over and over"
    if _longest_run(text.casefold().split()) > SAME_WORD_MAX:
        return "the same word over and over"
    return "" if text.isascii() or _marks(text) <= MARKS_MAX else "too many accents"


def normalized_text(text: str) -> str:
    """Normalize case and whitespace, to compare two messages."""
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
    """Return the highest number of combining marks in a row."""
    runs = groupby(text.translate(_WITHOUT_JOINERS), key=_is_mark)
    return max((sum(1 for _ in run) for is_mark, run in runs if is_mark), default=0)


def _is_mark(character: str) -> bool:
    """Return whether the character is a combining mark, by its category: many marks have no combining class."""
    return unicodedata.category(character).startswith("M")
