"""Parses the chat rules that a moderator typed, compares rules and describes changes."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import TypeVar

from pydantic import TypeAdapter

from streaming_app.backend.chat.durations import humanize, parse_duration
from streaming_app.backend.chat.links import clean_host
from streaming_app.backend.chat.model import ChatRules, FilterAction, LinkPolicy
from streaming_app.backend.errors import InvalidError
from streaming_app.backend.text_cleaning import visible_line

SLOW_MAX = timedelta(hours=1)
WAIT_MAX = timedelta(days=90)
"""Longest minimum time of following, and highest minimum age of an account."""
TERMS_MAX = 500
TERM_MIN, TERM_MAX = 2, 100
HOSTS_MAX = 200

_OFF = frozenset({"", "off", "no", "none"})
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RulesForm:
    """The form as typed, with the fields of ``ChatRules``."""

    slow_seconds: str = ""
    followers_only_minutes: str = ""
    account_age_minutes: str = ""
    blocked_terms: str = ""
    """One per line."""
    links: str = LinkPolicy.ALLOWED
    allowed_hosts: str = ""
    """One per line."""
    limits_caps: bool = False
    limits_flood: bool = False
    filtered: str = FilterAction.REFUSED


def parse_rules(typed: RulesForm) -> ChatRules:
    """Parse the form. Raises one ``InvalidError`` with the problems of all fields."""
    wrong: list[InvalidError] = []

    def cleaned(clean: Callable[[str], T], value: str, otherwise: T) -> T:
        try:
            return clean(value)
        except InvalidError as error:
            wrong.append(error)
            return otherwise

    rules = ChatRules(
        slow_seconds=cleaned(parse_slow_mode, typed.slow_seconds, 0),
        followers_only_minutes=cleaned(parse_followers_only, typed.followers_only_minutes, None),
        account_age_minutes=cleaned(parse_account_age, typed.account_age_minutes, 0),
        blocked_terms=cleaned(parse_blocked_terms, typed.blocked_terms, ()),
        links=cleaned(_parse_links, typed.links, LinkPolicy.ALLOWED),
        allowed_hosts=cleaned(parse_allowed_hosts, typed.allowed_hosts, ()),
        limits_caps=typed.limits_caps,
        limits_flood=typed.limits_flood,
        filtered=cleaned(_parse_filtered, typed.filtered, FilterAction.REFUSED),
    )
    if wrong:
        raise InvalidError(wrong[0].field, wrong[0].public_message, *wrong[1:])
    return rules


def parse_slow_mode(typed: str) -> int:
    """Return the seconds between two messages of one chatter; 0 for off. Raises ``InvalidError``."""
    span = timedelta(0) if _is_off(typed) else parse_duration(typed, "s")
    if span is None or span > SLOW_MAX:
        raise InvalidError("slow_seconds", f"Use 0 (off) to {SLOW_MAX // timedelta(seconds=1)} seconds.")
    return span // timedelta(seconds=1)


def parse_followers_only(typed: str) -> int | None:
    """Return the minutes that a chatter must have followed; ``None`` for off. Raises ``InvalidError``."""
    return None if _is_off(typed) else _parse_minutes("followers_only_minutes", typed)


def parse_account_age(typed: str) -> int:
    """Return the minimum age of an account in minutes; 0 for off. Raises ``InvalidError``."""
    return 0 if _is_off(typed) else _parse_minutes("account_age_minutes", typed)


def parse_blocked_terms(typed: str) -> tuple[str, ...]:
    """Return the distinct terms, given one per line. Raises ``InvalidError``."""
    terms = tuple(dict.fromkeys(line for raw in typed.splitlines() if (line := visible_line(raw))))
    if len(terms) > TERMS_MAX:
        raise InvalidError("blocked_terms", f"Use {TERMS_MAX} terms or fewer. You have {len(terms)}.")
    for term in terms:
        if not TERM_MIN <= len(term) <= TERM_MAX:
            raise InvalidError("blocked_terms", f"Terms have {TERM_MIN} to {TERM_MAX} characters: “{term[:TERM_MAX]}”.")
        if not any(character.isalnum() for character in term):
            raise InvalidError(
                "blocked_terms", f"“{term}” needs a letter or a digit; otherwise it would match everything."
            )
    return terms


def parse_allowed_hosts(typed: str) -> tuple[str, ...]:
    """Return the distinct hosts, separated by line breaks, spaces or commas. Raises ``InvalidError``."""
    hosts: dict[str, None] = {}
    for word in typed.replace(",", " ").split():
        if not (host := clean_host(word)):
            raise InvalidError(
                "allowed_hosts", f"“{word[:TERM_MAX]}” is not a valid domain. Use a form like example.com."
            )
        hosts[host] = None
    if len(hosts) > HOSTS_MAX:
        raise InvalidError("allowed_hosts", f"Use {HOSTS_MAX} domains or fewer. You have {len(hosts)}.")
    return tuple(hosts)


def describe_changes(before: ChatRules, after: ChatRules) -> str:
    """Return a description of the differences."""
    words = [
        _DESCRIPTIONS[field.name](after)
        for field in fields(ChatRules)
        if getattr(before, field.name) != getattr(after, field.name)
    ]
    return ", ".join(words)


def describe_to_chatters(rules: ChatRules) -> str:
    """Return a description of the rules that limit when a chatter may post; empty if there are none."""
    words: list[str] = []
    if rules.slow_seconds:
        words.append(f"Slow mode: one message every {humanize(timedelta(seconds=rules.slow_seconds))}")
    if rules.followers_only_minutes:
        span = humanize(timedelta(minutes=rules.followers_only_minutes))
        words.append(f"Only for those who have followed for {span}")
    elif rules.followers_only_minutes is not None:
        words.append("Followers only")
    if rules.account_age_minutes:
        words.append(f"Only for accounts older than {humanize(timedelta(minutes=rules.account_age_minutes))}")
    return " · ".join(words)


def changed_fields(before: ChatRules, after: ChatRules) -> dict[str, object]:
    """Return the fields that differ, with their values in ``before``, ready for JSON."""
    was, is_now = _RULES.dump_python(before, mode="json"), _RULES.dump_python(after, mode="json")
    return {name: value for name, value in was.items() if value != is_now[name]}


def with_fields(rules: ChatRules, changed: dict[str, object]) -> ChatRules:
    """Return ``rules`` with the values of ``changed_fields``."""
    return _RULES.validate_python({**_RULES.dump_python(rules, mode="json"), **changed})


_RULES: TypeAdapter[ChatRules] = TypeAdapter(ChatRules)

_DESCRIPTIONS: dict[str, Callable[[ChatRules], str]] = {
    "slow_seconds": lambda rules: (
        f"slow mode {humanize(timedelta(seconds=rules.slow_seconds))}" if rules.slow_seconds else "slow mode off"
    ),
    "followers_only_minutes": lambda rules: _followers_words(rules.followers_only_minutes),
    "account_age_minutes": lambda rules: (
        f"accounts at least {humanize(timedelta(minutes=rules.account_age_minutes))} old"
        if rules.account_age_minutes
        else "accounts of any age"
    ),
    "blocked_terms": lambda rules: f"blocked terms: {len(rules.blocked_terms)}",
    "links": lambda rules: {
        LinkPolicy.ALLOWED: "all links allowed",
        LinkPolicy.LISTED: "only links to allowed domains",
        LinkPolicy.NONE: "no links allowed",
    }[rules.links],
    "allowed_hosts": lambda rules: f"allowed domains: {len(rules.allowed_hosts)}",
    "limits_caps": lambda rules: f"capitals filter {'on' if rules.limits_caps else 'off'}",
    "limits_flood": lambda rules: f"flood filter {'on' if rules.limits_flood else 'off'}",
    "filtered": lambda rules: (
        "filtered messages " + ("held for review" if rules.filtered is FilterAction.HELD else "blocked")
    ),
}


def _followers_words(minutes: int | None) -> str:
    if minutes is None:
        return "followers-only off"
    return f"followers-only, for {humanize(timedelta(minutes=minutes))}" if minutes else "followers-only on"


def _parse_minutes(field: str, typed: str) -> int:
    span = parse_duration(typed)
    if span is None or span > WAIT_MAX:
        raise InvalidError(
            field, f"Use minutes, up to {WAIT_MAX // timedelta(minutes=1)} ({humanize(WAIT_MAX)}), or off."
        )
    return -(-span // timedelta(minutes=1))


def _is_off(typed: str) -> bool:
    return typed.strip().lower() in _OFF


def _parse_links(typed: str) -> LinkPolicy:
    try:
        return LinkPolicy(typed)
    except ValueError:
        raise InvalidError("links", f"Choose one of these: {', '.join(LinkPolicy)}.") from None


def _parse_filtered(typed: str) -> FilterAction:
    try:
        return FilterAction(typed)
    except ValueError:
        raise InvalidError("filtered", f"Choose one of these: {', '.join(FilterAction)}.") from None
