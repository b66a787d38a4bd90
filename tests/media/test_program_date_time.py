"""Unix times of parts, independent of when the parts arrive."""

from itertools import pairwise

import pytest

from streaming_app.backend.media.program_date_time import (
    JITTER_SECONDS,
    LATE_SECONDS,
    OVERLAP_SECONDS_MAX,
    ProgramDateTime,
)

NOW = 1_800_000_000.0
PART_SECONDS = 0.2


def _arrive(dates: ProgramDateTime, *arrivals: float, first: int = 0) -> tuple[ProgramDateTime, list[float]]:
    """Add parts that arrive at these times after ``NOW``, and return their final dates."""
    dated: list[tuple[ProgramDateTime, float]] = []
    for number, at in enumerate(arrivals, first):
        start_ms = number * PART_SECONDS * 1000
        dates = dates.observe(start_ms, start_ms + PART_SECONDS * 1000, NOW + at)
        dated.append((dates, start_ms))
    return dates, [known.at(start_ms) - NOW for known, start_ms in dated]


def _steps(dates: list[float]) -> list[float]:
    return [b - a for a, b in pairwise(dates)]


def test_punctual_parts_are_dated_by_the_time_of_their_first_frame() -> None:
    _, dates = _arrive(ProgramDateTime(), *(0.2 + n * 0.2 for n in range(10)))

    assert dates == pytest.approx([n * 0.2 for n in range(10)])


@pytest.mark.parametrize("burst_parts", [5, 25])
def test_a_burst_is_dated_back_by_its_duration(burst_parts: int) -> None:
    in_time = [n * 0.2 for n in range(1, 20)]
    _, dates = _arrive(ProgramDateTime(), *([0.0] * burst_parts), *in_time)

    assert _steps(dates) == pytest.approx([0.2] * (len(dates) - 1))
    assert dates[burst_parts] == pytest.approx(0.0, abs=JITTER_SECONDS)


def test_small_variations_of_arrival_change_no_date() -> None:
    _, dates = _arrive(ProgramDateTime(), 0.23, 0.42, 0.61, 0.84, 1.02)

    assert dates == pytest.approx([0.03, 0.23, 0.43, 0.63, 0.83])


def test_a_burst_is_not_dated_before_the_previous_part() -> None:
    _, dates = _arrive(ProgramDateTime(not_before=NOW - 2), *([0.0] * 25), 0.2, 0.4)

    assert dates[0] == pytest.approx(-2)
    assert _steps(dates) == pytest.approx([0.2] * (len(dates) - 1))


def test_dates_continue_unchanged_after_a_stall() -> None:
    stalled = [max(n * 0.2, 5.0) if n > 10 else n * 0.2 for n in range(1, 60)]
    _, dates = _arrive(ProgramDateTime(), *stalled)

    assert _steps(dates) == pytest.approx([0.2] * (len(dates) - 1))


def test_a_pause_missing_from_the_timestamps_corrects_the_dates_later() -> None:
    count = int(LATE_SECONDS / PART_SECONDS) + 5
    _, dates = _arrive(ProgramDateTime(), 0.2, 0.4, *(30 + n * 0.2 for n in range(count)))

    assert dates[2] == pytest.approx(0.4)
    assert dates[-1] == pytest.approx(30 + (count - 2) * 0.2)
    assert all(step > 0 for step in _steps(dates))


@pytest.mark.parametrize("step_seconds", [-3600, 3600])
def test_later_dates_follow_a_changed_wall_clock(step_seconds: float) -> None:
    count = int(LATE_SECONDS / PART_SECONDS) + 5
    before = [n * 0.2 for n in range(1, 11)]
    after = [step_seconds + n * 0.2 for n in range(11, 11 + count)]
    _, dates = _arrive(ProgramDateTime(), *before, *after)

    assert dates[:10] == pytest.approx([n * 0.2 for n in range(10)])
    assert dates[-1] == pytest.approx(step_seconds + (len(dates) - 1) * 0.2)


def test_dates_of_a_wrong_clock_far_in_the_future_do_not_delay_new_dates() -> None:
    _, dates = _arrive(ProgramDateTime(not_before=NOW + OVERLAP_SECONDS_MAX + 1), 0.2, 0.4)

    assert dates == pytest.approx([0.0, 0.2])
