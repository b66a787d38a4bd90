"""The form of a channel's rules."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming_app.backend.chat import rules_form
from streaming_app.backend.chat.model import ChatRules, FilterAction, LinkPolicy
from streaming_app.backend.chat.rules_form import RulesForm, parse_rules
from streaming_app.backend.errors import InvalidError


def wrong(**typed: str) -> dict[str, str]:
    with pytest.raises(InvalidError) as refused:
        parse_rules(replace(RulesForm(), **typed))
    return refused.value.fields


def test_every_field_of_the_form_becomes_a_rule() -> None:
    typed = RulesForm(
        slow_seconds="30",
        followers_only_minutes="1h",
        account_age_minutes="2d",
        blocked_terms="bad\n\n  so   bad \nbad\n*evil*",
        links="listed",
        allowed_hosts="https://Example.com/ youtu.be",
        limits_caps=True,
        limits_flood=False,
        filtered="held",
    )

    assert parse_rules(typed) == ChatRules(
        slow_seconds=30,
        followers_only_minutes=60,
        account_age_minutes=2880,
        blocked_terms=("bad", "so bad", "*evil*"),
        links=LinkPolicy.LISTED,
        allowed_hosts=("example.com", "youtu.be"),
        limits_caps=True,
        limits_flood=False,
        filtered=FilterAction.HELD,
    )


@pytest.mark.parametrize("off", ["", "off", " OFF ", "no"])
def test_a_rule_can_be_switched_off(off: str) -> None:
    typed = RulesForm(slow_seconds=off, followers_only_minutes=off, account_age_minutes=off)

    assert parse_rules(typed) == ChatRules(limits_flood=False)


def test_zero_minutes_of_following_allows_any_follower() -> None:
    assert parse_rules(RulesForm(followers_only_minutes="0")).followers_only_minutes == 0


@pytest.mark.parametrize(("typed", "seconds"), [("0", 0), ("3600", 3600), ("2m", 120), ("1h", 3600)])
def test_slow_mode_takes_up_to_an_hour(typed: str, seconds: int) -> None:
    assert rules_form.parse_slow_mode(typed) == seconds


@pytest.mark.parametrize("typed", ["3601", "2h", "-1", "x", "1.5"])
def test_invalid_slow_modes_are_refused(typed: str) -> None:
    assert wrong(slow_seconds=typed) == {"slow_seconds": "Use 0 (off) to 3600 seconds."}


@pytest.mark.parametrize("field", ["followers_only_minutes", "account_age_minutes"])
@pytest.mark.parametrize("typed", ["91d", "x", "-5"])
def test_waits_of_more_than_ninety_days_are_refused(field: str, typed: str) -> None:
    assert wrong(**{field: typed}) == {field: "Use minutes, up to 129600 (90 days), or off."}


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("x", "2 to 100 characters: “x”"),
        ("y" * 101, "2 to 100 characters"),
        ("***", "“***” needs a letter or a digit"),
        ("\n".join(f"term {n}" for n in range(501)), "500 terms or fewer. You have 501"),
    ],
)
def test_terms_that_cannot_be_blocked_are_refused(typed: str, words: str) -> None:
    assert words in wrong(blocked_terms=typed)["blocked_terms"]


def test_an_invalid_host_is_named_in_the_error() -> None:
    assert wrong(allowed_hosts="example.com nonsense") == {
        "allowed_hosts": "“nonsense” is not a valid domain. Use a form like example.com."
    }


def test_the_number_of_hosts_is_limited() -> None:
    assert "You have 201" in wrong(allowed_hosts="\n".join(f"h{n}.com" for n in range(201)))["allowed_hosts"]


def test_unknown_choices_are_refused() -> None:
    assert wrong(links="some", filtered="eaten").keys() == {"links", "filtered"}


def test_one_error_lists_the_problems_of_all_fields() -> None:
    assert wrong(slow_seconds="x", blocked_terms="*").keys() == {"slow_seconds", "blocked_terms"}


def test_changes_are_described() -> None:
    after = ChatRules(slow_seconds=90, followers_only_minutes=0, links=LinkPolicy.NONE)

    assert (
        rules_form.describe_changes(ChatRules(), after)
        == "slow mode 1 minute 30 seconds, followers-only on, no links allowed"
    )


def test_changed_fields_can_be_reverted_without_later_changes() -> None:
    before = ChatRules(slow_seconds=5, blocked_terms=("bad",))
    after = replace(before, slow_seconds=10, blocked_terms=())

    back = rules_form.with_fields(replace(after, limits_caps=True), rules_form.changed_fields(before, after))

    assert back == replace(before, limits_caps=True)


@given(st.tuples(*[st.text(max_size=30)] * 6))
def test_any_typed_value_is_a_rule_or_is_refused(typed: tuple[str, str, str, str, str, str]) -> None:
    with suppress(InvalidError):
        assert 0 <= parse_rules(RulesForm(*typed, limits_caps=True)).slow_seconds <= 3600


@pytest.mark.parametrize(
    ("in_force", "text"),
    [
        (ChatRules(), ""),
        (
            ChatRules(slow_seconds=10, followers_only_minutes=0, account_age_minutes=2880),
            "Slow mode: one message every 10 seconds · Followers only · Only for accounts older than 2 days",
        ),
        (
            ChatRules(slow_seconds=120, followers_only_minutes=60),
            "Slow mode: one message every 2 minutes · Only for those who have followed for 1 hour",
        ),
    ],
)
def test_chatters_read_the_rules_in_words(in_force: ChatRules, text: str) -> None:
    assert rules_form.describe_to_chatters(in_force) == text
