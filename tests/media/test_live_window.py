"""What the live window keeps of a rendition, and for how long."""

from itertools import pairwise

import pytest

from streaming_app.backend.media.cutter import Cutter
from streaming_app.backend.media.live_window import FILES_KEPT_SEGMENTS, PARTS_LISTED_TARGETS, LiveWindow
from tests.rig.media_frames import both, cuts_of, parts_of
from tests.rig.memory_files import OPENED_AT, MemoryFiles, fill


@pytest.fixture
def files() -> MemoryFiles:
    return MemoryFiles()


@pytest.fixture
def window(files: MemoryFiles) -> LiveWindow:
    return LiveWindow(files, 10.0, OPENED_AT)


def test_a_segment_is_the_concatenation_of_its_parts(window: LiveWindow, files: MemoryFiles) -> None:
    fill(window, cuts_of(both(3)))

    for segment in window.segments:
        assert files.files[segment.name] == b"".join(files.files[part.name] for part in segment.parts)


def test_the_window_keeps_its_configured_length(window: LiveWindow) -> None:
    fill(window, cuts_of(both(60)))

    assert 10 <= sum(segment.seconds for segment in window.segments) < 11.1


def test_files_outside_the_window_are_deleted(window: LiveWindow, files: MemoryFiles) -> None:
    fill(window, cuts_of(both(60)))

    segments = [name for name in files.files if name.count(".") == 1 and name.endswith(".m4s")]
    parts = [name for name in files.files if name.count(".") == 2]
    assert len(segments) == len(window.segments) + FILES_KEPT_SEGMENTS
    assert len(parts) <= (PARTS_LISTED_TARGETS * window.target_seconds + 2) * 6


def test_every_listed_file_exists(window: LiveWindow, files: MemoryFiles) -> None:
    cuts = cuts_of(both(45))
    for n in range(0, len(cuts), 7):
        fill(window, cuts[n : n + 7])
        for segment in window.listed():
            assert segment.init_file in files.files
            assert not segment.name or segment.name in files.files
            assert not segment.lists_parts or all(part.name in files.files for part in segment.parts)


def test_segment_numbers_continue_above_those_of_a_killed_packager() -> None:
    before = LiveWindow(MemoryFiles(), 10.0, OPENED_AT)
    fill(before, cuts_of(both(30)))
    after = LiveWindow(MemoryFiles(), 10.0, OPENED_AT + 30)
    fill(after, cuts_of(both(3)))

    assert after.segments[0].number > before.segments[-1].number
    assert after.segments[0].discontinuity_sequence > before.segments[-1].discontinuity_sequence


def test_a_returning_publisher_causes_a_discontinuity(window: LiveWindow) -> None:
    fill(window, cuts_of(both(3)))
    window.close()
    fill(window, cuts_of(both(3)))
    window.close()

    marked = [segment.is_discontinuity for segment in window.segments]
    assert marked.count(True) == 1
    assert marked.index(True) == 3
    assert len({segment.init_file for segment in window.segments}) == 2


def test_discontinuities_are_counted_whether_they_are_listed_or_not(window: LiveWindow) -> None:
    fill(window, cuts_of(both(2)))
    first = window.segments[0].discontinuity_sequence if window.segments else 0
    for _ in range(5):
        fill(window, cuts_of(both(4)))
        window.close()

    assert window.segments[-1].discontinuity_sequence - first == 5
    assert not window.segments[0].is_discontinuity or window.segments[0].discontinuity_sequence > first


def test_a_rendition_segment_takes_number_and_date_of_the_source_segment(window: LiveWindow) -> None:
    cuts = cuts_of(both(5))
    fill(window, cuts)
    other = LiveWindow(MemoryFiles(), 10.0, OPENED_AT + 777)
    other.begin_period(b"init")

    for part in parts_of(cuts):
        other.add(part, OPENED_AT, window.segment_at_pts(part.pts_ms))

    assert [(s.number, s.discontinuity_sequence, s.starts_at) for s in other.listed()] == [
        (s.number, s.discontinuity_sequence, s.starts_at) for s in window.listed()
    ]


def test_old_initialization_segments_are_deleted_with_their_segments(window: LiveWindow, files: MemoryFiles) -> None:
    for _ in range(12):
        fill(window, cuts_of(both(3)))
        window.close()

    kept = [name for name in files.files if name.startswith("init-")]
    assert len(kept) < 8


def test_program_dates_are_based_on_the_fastest_arrival(window: LiveWindow) -> None:
    cuts = cuts_of(both(5))
    fill(window, cuts[:3], delay_seconds=0.4)
    fill(window, cuts[3:], delay_seconds=0.1)

    starts = [segment.starts_at - OPENED_AT - segment.start_ms / 1000 for segment in window.listed()]
    assert starts == pytest.approx([0.1] * 5, abs=0.1)
    assert max(starts) - min(starts) < 0.001


def test_a_burst_is_dated_after_the_previous_period(window: LiveWindow) -> None:
    fill(window, cuts_of(both(3)))
    window.close()
    came_back_at = OPENED_AT + 5
    window.begin_period(b"init")
    for part in parts_of(cuts_of(both(4))):
        window.add(part, came_back_at)

    dates = [segment.starts_at - OPENED_AT for segment in window.listed()]
    assert dates == pytest.approx([0, 1, 2, 3, 4, 5, 6], abs=0.1)
    assert [b - a for a, b in pairwise(dates[3:])] == pytest.approx([1, 1, 1])


def test_the_target_duration_rounds_half_a_second_up(window: LiveWindow) -> None:
    fill(window, cuts_of(both(12, gop_seconds=2.5)))

    assert window.target_seconds == 3


def test_a_long_part_raises_the_part_target_only_while_it_is_listed(window: LiveWindow) -> None:
    fill(window, cuts_of([*both(2), *[f for f in both(40, start_ms=2000)[2:] if getattr(f, "dts_ms", 0) > 4000]]))

    assert window.part_seconds_max < 0.3


def test_the_target_duration_never_decreases(window: LiveWindow) -> None:
    fill(window, cuts_of(both(3)))
    assert window.target_seconds == 2
    fill(window, cuts_of(both(20, gop_seconds=5)))
    assert window.target_seconds == 5
    fill(window, cuts_of(both(20)))

    assert window.target_seconds == 5


def test_the_next_part_has_the_hinted_name_unless_a_new_segment_begins(window: LiveWindow) -> None:
    cutter = Cutter(200)
    foretold: list[str] = []
    for media in both(3):
        for cut in cutter.feed(media):
            hint = window.next_part_name
            fill(window, [cut])
            if window.open_segment and len(window.open_segment.parts) > 1:
                foretold.append(hint)
                assert window.open_segment.parts[-1].name == hint

    assert len(foretold) > 10


def test_clearing_deletes_every_file(window: LiveWindow, files: MemoryFiles) -> None:
    fill(window, cuts_of(both(30)))

    window.clear()

    assert files.files == {}
