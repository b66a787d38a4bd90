"""Parsing and formatting of durations."""

from datetime import timedelta

import pytest

from streaming_app.backend.chat.durations import humanize, parse_duration


@pytest.mark.parametrize(
    ("typed", "span"),
    [
        ("90s", timedelta(seconds=90)),
        ("10", timedelta(minutes=10)),
        (" 10m ", timedelta(minutes=10)),
        ("10 min", timedelta(minutes=10)),
        ("1H", timedelta(hours=1)),
        ("2 days", timedelta(days=2)),
    ],
)
def test_durations_are_parsed(typed: str, span: timedelta) -> None:
    assert parse_duration(typed) == span


@pytest.mark.parametrize("typed", ["", "m", "-1", "1.5h", "10x", "10mm", "10 m s", "1h30", "99999999m", "١٠"])
def test_invalid_durations_are_none(typed: str) -> None:
    assert parse_duration(typed) is None


def test_a_number_without_a_unit_has_the_default_unit() -> None:
    assert parse_duration("10", "s") == timedelta(seconds=10)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(0), "0 seconds"),
        (timedelta(milliseconds=1), "1 second"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(hours=1, minutes=30), "1 hour 30 minutes"),
        (timedelta(days=2, seconds=5), "2 days 5 seconds"),
        (timedelta(days=2, hours=3, minutes=4), "2 days 3 hours"),
        (-timedelta(seconds=5), "0 seconds"),
    ],
)
def test_durations_are_formatted_in_two_units(span: timedelta, words: str) -> None:
    assert humanize(span) == words
