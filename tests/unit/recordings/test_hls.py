"""Playlists as recordings read and write them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from streaming_app.backend.media.recordings import hls
from streaming_app.backend.media.recordings.hls import Segment

AT = datetime(2026, 11, 25, 12, 0, 0, 120_000, tzinfo=UTC)
FIRST = Segment(7000, 2.0, AT, "init-7000.mp4", is_discontinuity=False)
SECOND = Segment(7001, 1.96, AT + timedelta(seconds=2), "init-7000.mp4", is_discontinuity=False)

LIVE = """#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.600,HOLD-BACK=6,CAN-SKIP-UNTIL=12
#EXT-X-PART-INF:PART-TARGET=0.200
#EXT-X-MEDIA-SEQUENCE:7000
#EXT-X-DISCONTINUITY-SEQUENCE:3
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="init-7000.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-11-25T12:00:00.120Z
#EXTINF:2.00000,
7000.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-11-25T12:00:02.120Z
#EXT-X-PART:DURATION=0.20000,URI="7001.0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.20000,URI="7001.1.m4s"
#EXTINF:1.96000,
7001.m4s
"""


def test_complete_segments_are_read_and_the_one_under_way_is_not_one_of_them() -> None:
    open_part = '#EXT-X-PROGRAM-DATE-TIME:2026-11-25T12:00:04.080Z\n#EXT-X-PART:DURATION=0.2,URI="7002.0.m4s"\n'

    playlist = hls.parse(LIVE + open_part)

    assert playlist.segments == [FIRST, SECOND]
    assert playlist.open_since == AT + timedelta(seconds=3.96)
    assert not playlist.has_ended
    assert hls.parse(LIVE).open_since is None
    assert hls.parse(LIVE + "#EXT-X-ENDLIST\n").has_ended


def test_what_was_written_is_read_back() -> None:
    segments = [
        FIRST,
        SECOND,
        Segment(7040, 2.0, AT + timedelta(seconds=90), "init-7040.mp4", is_discontinuity=True),
    ]

    for is_whole in (False, True):
        playlist = hls.parse(hls.whole(segments, 2, is_whole=is_whole))

        assert playlist.segments == segments
        assert playlist.target_seconds == 2
        assert playlist.has_ended is is_whole


@pytest.mark.parametrize(
    "after",
    [
        replace(SECOND, is_discontinuity=True),
        replace(SECOND, number=7002),
        replace(SECOND, initialization="init-7001.mp4"),
    ],
    ids=["the packager says so", "segments are missing", "another initialization"],
)
def test_where_video_does_not_go_on_evenly_there_is_a_discontinuity(after: Segment) -> None:
    assert "#EXT-X-DISCONTINUITY\n" in hls.lines(after, FIRST)
    assert "#EXT-X-DISCONTINUITY\n" not in hls.lines(SECOND, FIRST)


def test_a_recording_does_not_begin_with_a_discontinuity() -> None:
    assert "DISCONTINUITY" not in hls.lines(replace(FIRST, is_discontinuity=True), None)


def test_the_initialization_is_named_where_it_changes() -> None:
    assert hls.lines(FIRST, None).count("#EXT-X-MAP") == 1
    assert "#EXT-X-MAP" not in hls.lines(SECOND, FIRST)
    assert '#EXT-X-MAP:URI="init-9.mp4"' in hls.lines(replace(SECOND, initialization="init-9.mp4"), FIRST)


@pytest.mark.parametrize("name", ["../../secret_key.m4s", "7001.0.m4s", "/etc/passwd", "7001.ts", "٣.m4s"])
def test_only_files_that_the_packager_makes_are_listed(name: str) -> None:
    strange = f"#EXT-X-PROGRAM-DATE-TIME:2026-11-25T12:00:04.080Z\n#EXTINF:2.0,\n{name}\n"

    assert hls.parse(LIVE + strange).segments == [FIRST, SECOND]
    assert hls.parse(LIVE.replace("init-7000.mp4", "../init-7000.mp4")).segments == []


def test_nothing_is_an_empty_playlist() -> None:
    assert hls.parse("").segments == []
