"""Playlists, read by an independent parser and checked against the rules of the draft."""

from collections.abc import Iterable

import m3u8
import pytest

from streaming_app.backend.media import playlist
from streaming_app.backend.media.live_window import LiveWindow
from streaming_app.backend.media.playlist import RenditionReport, VariantStream
from tests.rig.media_frames import both, cuts_of
from tests.rig.memory_files import OPENED_AT, MemoryFiles, fill


@pytest.fixture
def window() -> LiveWindow:
    window = LiveWindow(MemoryFiles(), 30.0, OPENED_AT)
    fill(window, cuts_of(both(40.5)))
    return window


def _text(window: LiveWindow, *, skips: bool = False) -> str:
    return playlist.media_playlist(window, 0.2, skips=skips)


def _durations(parts: Iterable[m3u8.PartialSegment]) -> list[float]:
    return [part.duration for part in parts if part.duration is not None]


def test_an_independent_parser_reads_the_window_from_the_playlist(window: LiveWindow) -> None:
    parsed = m3u8.loads(_text(window))

    complete = [segment for segment in parsed.segments if segment.uri]
    assert [segment.uri for segment in complete] == [segment.name for segment in window.segments]
    assert parsed.media_sequence == window.segments[0].number
    assert parsed.target_duration == 2
    assert parsed.is_independent_segments
    assert parsed.server_control is not None
    assert parsed.server_control.can_block_reload == "YES"
    assert parsed.preload_hint is not None
    assert parsed.preload_hint.uri == window.next_part_name


def test_part_durations_add_up_to_their_segment(window: LiveWindow) -> None:
    parsed = m3u8.loads(_text(window))

    with_parts = [segment for segment in parsed.segments if segment.parts and segment.uri]
    assert len(with_parts) >= 6
    for segment in with_parts:
        assert sum(_durations(segment.parts)) == pytest.approx(segment.duration, abs=0.005)


def test_parts_are_within_the_part_target_and_the_hold_back_is_three_parts(window: LiveWindow) -> None:
    parsed = m3u8.loads(_text(window))

    assert parsed.part_inf is not None
    assert parsed.part_inf.part_target is not None
    assert parsed.server_control is not None
    longest = max(duration for segment in parsed.segments for duration in _durations(segment.parts))
    assert longest <= parsed.part_inf.part_target + 0.0005
    assert parsed.server_control.part_hold_back == pytest.approx(3 * parsed.part_inf.part_target, abs=0.002)


def test_parts_stay_listed_for_three_target_durations(window: LiveWindow) -> None:
    parsed = m3u8.loads(_text(window))

    assert sum(duration for segment in parsed.segments for duration in _durations(segment.parts)) >= 3 * 2


def test_a_delta_update_skips_segments_older_than_six_target_durations(window: LiveWindow) -> None:
    whole, update = _text(window), _text(window, skips=True)

    skipped = int(next(line for line in update.splitlines() if "SKIPPED-SEGMENTS" in line).partition("=")[2])
    names = [line for line in whole.splitlines() if line.endswith(".m4s")]
    assert [line for line in update.splitlines() if line.endswith(".m4s")] == names[skipped:]
    shown = sum(segment.seconds for segment in list(window.segments)[skipped:])
    assert 12 <= shown + (window.open_segment.seconds if window.open_segment else 0) < 13.1
    assert len(update) < len(whole)


def test_a_short_playlist_skips_no_segment() -> None:
    window = LiveWindow(MemoryFiles(), 30.0, OPENED_AT)
    fill(window, cuts_of(both(5)))

    assert _text(window, skips=True) == _text(window)


def test_a_discontinuity_has_its_own_initialization_segment() -> None:
    window = LiveWindow(MemoryFiles(), 30.0, OPENED_AT)
    fill(window, cuts_of(both(3)))
    fill(window, cuts_of(both(3, start_ms=0)))

    parsed = m3u8.loads(_text(window))

    assert [segment.discontinuity for segment in parsed.segments if segment.uri].count(True) == 1
    assert len({segment.init_section.uri for segment in parsed.segments if segment.init_section}) == 2


def test_an_ended_playlist_has_no_preload_hint(window: LiveWindow) -> None:
    window.end()

    parsed = m3u8.loads(_text(window))

    assert parsed.is_endlist
    assert parsed.preload_hint is None


def test_program_dates_are_utc_with_milliseconds(window: LiveWindow) -> None:
    lines = [line for line in _text(window).splitlines() if "PROGRAM-DATE-TIME" in line]

    assert len(lines) == len(list(window.listed()))
    assert lines[0].startswith("#EXT-X-PROGRAM-DATE-TIME:2027-01-15T08:00:")
    assert lines[0].endswith("Z")


def test_the_multivariant_playlist_lists_renditions_with_their_attributes() -> None:
    text = playlist.multivariant_playlist(
        [
            VariantStream("source", "avc1.4D401F,mp4a.40.2", 3_000_000, 1280, 720),
            VariantStream("audio", "mp4a.40.2", 250_000),
        ]
    )

    [video, audio] = m3u8.loads(text).playlists
    assert video.stream_info.resolution == (1280, 720)
    assert video.stream_info.codecs == "avc1.4D401F,mp4a.40.2"
    assert video.uri == "source/index.m3u8"
    assert audio.stream_info.resolution is None


def test_rendition_reports_list_the_other_renditions(window: LiveWindow) -> None:
    text = playlist.media_playlist(window, 0.2, reports=[RenditionReport("720p", 17, 3)])

    [report] = m3u8.loads(text).rendition_reports
    assert (report.uri, report.last_msn, report.last_part) == ("../720p/index.m3u8", 17, 3)
