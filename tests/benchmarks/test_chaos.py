"""What the benchmark of faults concludes: when something flowed again, what was lost, and which gaps are damage."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from benchmarks.chaos.comparison import Copies
from benchmarks.chaos.recordings import Interruption, gaps_of
from benchmarks.chaos.recovery import recovered_after
from streaming_app.backend.media.window_snapshot import Segment

BEGAN = datetime(2026, 11, 29, 12, tzinfo=UTC)
FAULT_AT = 100.0


def _each(interval: float, begin: float, end: float) -> list[float]:
    return [begin + interval * number for number in range(round((end - begin) / interval) + 1)]


def test_nothing_stalls_if_everything_arrives_all_the_time() -> None:
    assert recovered_after(_each(0.5, 90, 110), FAULT_AT, now=110) == 0.0


def test_the_time_counts_from_the_fault_to_the_end_of_the_last_stall() -> None:
    times = [*_each(0.5, 90, 99.5), 102.0, 102.5, *_each(0.5, 104, 110)]

    assert recovered_after(times, FAULT_AT, now=110) == pytest.approx(4.0)


def test_a_stall_that_began_before_the_end_of_the_fault_counts_from_its_end() -> None:
    assert recovered_after([*_each(0.5, 90, 97), *_each(0.5, 100.5, 110)], FAULT_AT, now=110) == pytest.approx(0.5)


def test_the_time_counts_from_the_first_stall_if_a_program_went_on_after_the_signal_to_stop() -> None:
    times = [*_each(0.5, 90, 103), *_each(0.5, 108, 115)]

    assert recovered_after(times, FAULT_AT, now=115) == pytest.approx(5.0)


@pytest.mark.parametrize("times", [[], _each(0.5, 90, 108)])
def test_what_stalls_now_has_not_recovered(times: list[float]) -> None:
    assert recovered_after(times, FAULT_AT, now=110) is None


def _copies(acknowledged: str, history: str, delivered: str, in_kafka: str, deleted: str = "") -> Counter[str]:
    texts = [(message_id, f"text {message_id}") for message_id in history]
    return Counter(Copies(acknowledged, texts, delivered, in_kafka, deleted).differences())


def test_equal_copies_have_no_differences() -> None:
    assert +_copies("abc", "abc", "abc", "abc") == Counter()


def test_messages_that_were_never_acknowledged_may_be_stored_or_not() -> None:
    assert +_copies("a", "ab", "ac", "abcd") == Counter()


def test_each_copy_without_an_acknowledged_message_has_lost_it() -> None:
    lost = Counter({"lost in history": 1, "lost in feed": 2, "lost in Kafka": 3})

    assert +_copies("abc", "ab", "a", "") == lost


def test_the_same_text_twice_in_the_history_is_doubled() -> None:
    doubled = Copies("ab", [("a", "hello"), ("b", "hello")], "ab", "ab")

    assert +Counter(doubled.differences()) == Counter({"doubled in history": 1})


def test_a_deleted_message_is_not_lost_but_must_be_gone() -> None:
    assert +_copies("ab", "a", "a", "ab", deleted="b") == Counter()
    assert +_copies("ab", "ab", "ab", "ab", deleted="b") == Counter({"deleted but in history": 1})


def _segments(*starts: float) -> list[Segment]:
    """Return segments of one second that start so many seconds after the run."""
    return [
        Segment(number, 1.0, BEGAN + timedelta(seconds=start), "init-0.mp4", is_discontinuity=False)
        for number, start in enumerate(starts)
    ]


def test_a_gap_at_an_interruption_is_allowed() -> None:
    began = BEGAN.timestamp()
    segments = _segments(0, 1, 5, 6, 20)

    gaps = gaps_of(segments, [Interruption(began + 3, began + 4)], began)

    assert gaps == [(began + 7, began + 20)]


def test_a_step_of_the_clock_is_no_gap() -> None:
    assert gaps_of(_segments(0, 1, 3602, 3603, 4), [], BEGAN.timestamp()) == []
