"""Detection of changes of the wall clock."""

from datetime import UTC, datetime, timedelta

import pytest

from streaming_app.backend.clock_changes import STEP, ClockWatch

MINUTE = timedelta(minutes=1)


class Clocks:
    """A monotonic clock and a wall clock that the test sets."""

    def __init__(self) -> None:
        self.wall = datetime(2026, 11, 25, 12, tzinfo=UTC)
        self.seconds = 1000.0
        self.watch = ClockWatch(lambda: self.wall, lambda: self.seconds)

    def pass_time(self, time: timedelta) -> None:
        self.wall += time
        self.seconds += time.total_seconds()


def test_an_unchanged_clock_is_steady_after_the_observation_time() -> None:
    clocks = Clocks()

    assert not clocks.watch.is_steady_for(MINUTE)
    clocks.pass_time(MINUTE)
    assert clocks.watch.is_steady_for(MINUTE)
    assert not clocks.watch.is_steady_for(2 * MINUTE)


@pytest.mark.parametrize("by", [timedelta(hours=-1), timedelta(days=40), 2 * STEP])
def test_a_clock_that_was_set_is_unsteady_for_the_observation_time(by: timedelta) -> None:
    clocks = Clocks()
    clocks.pass_time(10 * MINUTE)

    clocks.wall += by

    assert not clocks.watch.is_steady_for(MINUTE)
    clocks.pass_time(MINUTE)
    assert clocks.watch.is_steady_for(MINUTE)


def test_small_clock_corrections_are_not_a_step() -> None:
    clocks = Clocks()
    for _ in range(100):
        clocks.pass_time(MINUTE)
        clocks.wall += timedelta(milliseconds=500)
        clocks.watch.is_steady_for(MINUTE)

    assert clocks.watch.is_steady_for(10 * MINUTE)


def test_a_clock_step_is_remembered_for_a_time() -> None:
    clocks = Clocks()
    assert not clocks.watch.was_set_within(MINUTE)

    clocks.wall += timedelta(hours=1)

    assert clocks.watch.was_set_within(MINUTE)
    clocks.pass_time(MINUTE)
    assert not clocks.watch.was_set_within(MINUTE)
