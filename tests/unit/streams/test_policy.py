"""The rules of streams."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from streaming_app.backend.errors import ForbiddenError, InvalidError
from streaming_app.backend.streams import policy
from streaming_app.backend.streams.model import Publisher, Stream
from tests.rig.rules import allows
from tests.unit.streams.conftest import TIMES

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LIVE = Stream("s1", "c1", NOW, "Title", "", Publisher("1", "192.0.2.7", "OBS"), seen_at=NOW)


def test_a_title_is_reduced_to_one_line() -> None:
    assert policy.clean_title("  Making \n\t a  chair ") == "Making a chair"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\u202egnp.exe", "gnp.exe"),
        ("\u2066Al\u200bice\u2069", "Alice"),
        ("a\0b\x1b[31m", "ab[31m"),
        ("a\ud800b", "ab"),
        ("👩\u200d🚀 e\u0301 \u0645\u06cc\u200c\u062e", "👩\u200d🚀 e\u0301 \u0645\u06cc\u200c\u062e"),
    ],
)
def test_invisible_characters_are_removed_from_title_and_category(typed: str, kept: str) -> None:
    assert policy.clean_title(typed) == kept
    assert policy.clean_category(typed) == kept


@pytest.mark.parametrize("title", ["", "   ", "\n\t", "\u200b", "\ud800", "\u3164", "x" * (policy.TITLE_MAX + 1)])
def test_a_title_that_is_empty_or_too_long_is_refused(title: str) -> None:
    with pytest.raises(InvalidError) as refused:
        policy.clean_title(title)

    assert refused.value.field == "title"


def test_a_title_of_the_maximum_length_is_accepted() -> None:
    assert policy.clean_title("x" * policy.TITLE_MAX) == "x" * policy.TITLE_MAX


def test_a_category_may_be_left_empty() -> None:
    assert policy.clean_category("  ") == ""


def test_a_category_that_is_too_long_is_refused() -> None:
    with pytest.raises(InvalidError) as refused:
        policy.clean_category("x" * (policy.CATEGORY_MAX + 1))

    assert refused.value.field == "category"


def test_a_stream_ended_in_the_studio_cannot_restart_at_once() -> None:
    ended = LIVE.ended(NOW, by_owner=True)

    with pytest.raises(ForbiddenError, match="10 s"):
        policy.may_restart(ended, NOW + TIMES.end_hold - 10 * SECOND, TIMES)


def test_a_stream_ended_in_the_studio_can_restart_after_the_hold() -> None:
    assert allows(policy.may_restart, LIVE.ended(NOW, by_owner=True), NOW + TIMES.end_hold, TIMES)


def test_a_stream_not_ended_in_the_studio_can_restart_at_once() -> None:
    assert allows(policy.may_restart, LIVE.ended(NOW, by_owner=False), NOW, TIMES)


def test_a_silent_publisher_is_lost_after_the_timeout() -> None:
    assert not policy.has_vanished(LIVE, NOW + TIMES.publisher_timeout, TIMES)
    assert policy.has_vanished(LIVE, NOW + TIMES.publisher_timeout + SECOND, TIMES)


def test_a_dropped_publisher_is_not_lost_again() -> None:
    dropped = replace(LIVE, dropped_at=NOW)

    assert not policy.has_vanished(dropped, NOW + TIMES.publisher_timeout + SECOND, TIMES)


def test_a_dropped_stream_is_over_after_the_grace_period() -> None:
    dropped = replace(LIVE, dropped_at=NOW)

    assert not policy.is_over(dropped, NOW + TIMES.reconnect_grace, TIMES)
    assert policy.is_over(dropped, NOW + TIMES.reconnect_grace + SECOND, TIMES)


def test_an_unsupervised_stream_is_over_after_timeout_and_grace_period() -> None:
    until = NOW + TIMES.publisher_timeout + TIMES.reconnect_grace

    assert not policy.is_over(LIVE, until, TIMES)
    assert policy.is_over(LIVE, until + SECOND, TIMES)
