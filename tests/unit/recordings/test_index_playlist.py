"""Writing and reading the index playlist of a recording."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import m3u8
import pytest

from streaming_app.backend.media.recordings import index_playlist
from streaming_app.backend.media.window_snapshot import Segment

AT = datetime(2026, 11, 25, 12, 0, 0, 120_000, tzinfo=UTC)
FIRST = Segment(7000, 2.0, AT, "init-7000.mp4", is_discontinuity=False)
SECOND = Segment(7001, 1.96, AT + timedelta(seconds=2), "init-7000.mp4", is_discontinuity=False)
AFTER_A_GAP = Segment(7040, 2.0, AT + timedelta(seconds=90), "init-7040.mp4", is_discontinuity=True)


@pytest.mark.parametrize("is_finished", [False, True])
def test_written_segments_are_read(*, is_finished: bool) -> None:
    segments = [FIRST, SECOND, AFTER_A_GAP]

    text = index_playlist.playlist_text(segments, 2, is_finished=is_finished)

    assert index_playlist.read_segments(text) == segments
    assert index_playlist.read_target_seconds(text) == 2
    assert text.endswith(index_playlist.END) is is_finished


@pytest.mark.parametrize("is_finished", [False, True])
def test_an_independent_parser_reads_the_same_segments(*, is_finished: bool) -> None:
    text = index_playlist.playlist_text([FIRST, SECOND, AFTER_A_GAP], 2, is_finished=is_finished)

    playlist = m3u8.loads(text)

    assert [segment.uri for segment in playlist.segments] == ["7000.m4s", "7001.m4s", "7040.m4s"]
    assert [segment.duration for segment in playlist.segments] == [2.0, 1.96, 2.0]
    assert [segment.program_date_time for segment in playlist.segments] == [
        AT,
        AT + timedelta(seconds=2),
        AT + timedelta(seconds=90),
    ]
    inits = [segment.init_section.uri for segment in playlist.segments if segment.init_section]
    assert inits == ["init-7000.mp4", "init-7000.mp4", "init-7040.mp4"]
    assert [segment.discontinuity for segment in playlist.segments] == [False, False, True]
    assert playlist.is_endlist is is_finished


@pytest.mark.parametrize(
    "after",
    [
        replace(SECOND, is_discontinuity=True),
        replace(SECOND, number=7002),
        replace(SECOND, init_file="init-7001.mp4"),
    ],
    ids=["the packager marks it", "segments are missing", "another initialization segment"],
)
def test_a_gap_is_a_discontinuity(after: Segment) -> None:
    assert "#EXT-X-DISCONTINUITY\n" in index_playlist.segment_lines(after, FIRST)
    assert "#EXT-X-DISCONTINUITY\n" not in index_playlist.segment_lines(SECOND, FIRST)


def test_a_recording_does_not_begin_with_a_discontinuity() -> None:
    assert "DISCONTINUITY" not in index_playlist.segment_lines(replace(FIRST, is_discontinuity=True), None)


def test_the_initialization_segment_is_listed_where_it_changes() -> None:
    another = replace(SECOND, init_file="init-9.mp4")

    assert index_playlist.segment_lines(FIRST, None).count("#EXT-X-MAP") == 1
    assert "#EXT-X-MAP" not in index_playlist.segment_lines(SECOND, FIRST)
    assert '#EXT-X-MAP:URI="init-9.mp4"' in index_playlist.segment_lines(another, FIRST)


@pytest.mark.parametrize("name", ["../../secret_key.m4s", "7002.0.m4s", "/etc/passwd", "7002.ts", "٣.m4s"])
def test_only_file_names_of_segments_are_read(name: str) -> None:
    text = index_playlist.playlist_text([FIRST, SECOND], 2, is_finished=False)
    strange = f"#EXT-X-PROGRAM-DATE-TIME:2026-11-25T12:00:04.080Z\n#EXTINF:2.0,\n{name}\n"

    assert index_playlist.read_segments(text + strange) == [FIRST, SECOND]
    assert index_playlist.read_segments(text.replace("init-7000.mp4", "../init-7000.mp4")) == []


def test_an_empty_playlist_has_no_segments() -> None:
    assert index_playlist.read_segments("") == []
