"""What the benchmarks conclude from the probes in a page."""

from benchmarks.player import played_since
from benchmarks.sound import offsets_ms

MODES = [(100.0, "Plain HLS"), (200.0, "Real time"), (900.0, "Low latency"), (950.0, "Real time")]


def test_the_delivery_at_the_beginning_counts_as_played() -> None:
    assert played_since(MODES, 300.0) == ["Real time", "Low latency"]


def test_earlier_deliveries_do_not_count() -> None:
    assert played_since(MODES[:2], 200.0) == ["Real time"]


def test_a_page_without_statistics_played_nothing_known() -> None:
    assert played_since([], 300.0) == []


def test_the_offset_is_that_of_the_nearest_beep() -> None:
    assert offsets_ms([1000.0, 2100.0, 3200.0], [2110.0, 990.0, 3250.0]) == [-10.0, 10.0, 50.0]


def test_a_flash_without_a_beep_has_no_offset() -> None:
    assert offsets_ms([1000.0, 2100.0], [1010.0]) == [10.0]
    assert offsets_ms([1000.0], []) == []
