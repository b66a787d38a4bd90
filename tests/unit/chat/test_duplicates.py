"""Refusal of repeated messages."""

from datetime import UTC, datetime, timedelta

import pytest

from streaming_app.backend.chat.duplicates import REPEAT_INTERVAL, DuplicateMessageGuard
from streaming_app.backend.errors import RateLimitedError
from tests.rig.rules import allows


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def test_the_same_text_is_refused_within_the_interval() -> None:
    clock = Clock()
    repeats = DuplicateMessageGuard(clock)
    repeats.check("c1", "ann", "hello", "m-1")
    clock.now += REPEAT_INTERVAL - timedelta(seconds=1)

    with pytest.raises(RateLimitedError):
        repeats.check("c1", "ann", "hello", "m-2")
    clock.now += timedelta(seconds=1)

    assert allows(repeats.check, "c1", "ann", "hello", "m-3")


def test_setting_the_clock_back_does_not_prolong_the_interval() -> None:
    clock = Clock()
    repeats = DuplicateMessageGuard(clock)
    repeats.check("c1", "ann", "hello", "m-4")
    clock.now -= timedelta(hours=1)

    assert allows(repeats.check, "c1", "ann", "hello", "m-5")


def test_the_same_message_may_be_sent_again() -> None:
    repeats = DuplicateMessageGuard(Clock())

    assert allows(repeats.check, "c1", "ann", "hello", "m-1")
    assert allows(repeats.check, "c1", "ann", "hello", "m-1")
    assert not allows(repeats.check, "c1", "ann", "hello", "m-2")
