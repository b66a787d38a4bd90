"""Arbitrary media in arbitrary order: nothing fails, and playlists match the files."""

from collections.abc import Sequence

import m3u8
from hypothesis import given, settings
from hypothesis import strategies as some

from streaming_app.backend.media import fmp4, playlist
from streaming_app.backend.media.cutter import Cutter, CutterOutput, PartialSegment, Period
from streaming_app.backend.media.live_window import LiveWindow
from streaming_app.backend.media.tracks import (
    AudioFrame,
    AudioTrack,
    Media,
    Unsupported,
    VideoFrame,
    VideoTrack,
)
from tests.rig.media_frames import AUDIO, VIDEO
from tests.rig.memory_files import OPENED_AT, MemoryFiles

TIMES = some.integers(0, 1 << 40) | some.integers(0, 60_000)
DATA = some.binary(max_size=20)
MEDIA = some.one_of(
    some.sampled_from([VIDEO, VideoTrack("hvc1", b"\x01", 1920, 1080), VideoTrack("av01", b"", 2, 2)]),
    some.sampled_from([AUDIO, AudioTrack(b"\x13\x10", 22_050, 1, 960), AudioTrack(b"", 96_000, 6)]),
    some.builds(Unsupported, some.text(max_size=5), some.sampled_from(["video", "audio", "extra"])),
    some.builds(VideoFrame, TIMES, some.integers(-(1 << 23), (1 << 23) - 1), some.booleans(), DATA),
    some.builds(AudioFrame, TIMES, DATA),
)
RUNS = some.builds(
    lambda start, step, key_every, count: [
        VideoFrame(start + n * step, 0, n % key_every == 0, b"v") for n in range(count)
    ],
    TIMES,
    some.integers(0, 4_000),
    some.integers(1, 20),
    some.integers(1, 60),
)
"""Steady video, to generate the long pieces that single generated frames do not add up to."""
PUBLISHERS = some.lists(some.one_of(MEDIA.map(lambda media: [media]), RUNS), max_size=30).map(
    lambda pieces: [VIDEO, AUDIO, *(media for piece in pieces for media in piece)]
)


def _cut(medias: Sequence[Media], part_ms: int) -> list[CutterOutput]:
    cutter = Cutter(part_ms)
    return [cut for media in medias for cut in cutter.feed(media)] + list(cutter.flush())


@given(PUBLISHERS, some.sampled_from([100, 200]))
@settings(max_examples=150)
def test_parts_follow_their_period_and_contain_frames(medias: list[Media], part_ms: int) -> None:
    cuts = _cut(medias, part_ms)

    is_first_of_period = False
    for cut in cuts:
        if isinstance(cut, Period):
            is_first_of_period = True
        elif isinstance(cut, PartialSegment):
            assert cut.begins_segment or not is_first_of_period
            assert cut.is_independent or not cut.begins_segment
            assert cut.duration_ms > 0
            assert cut.data[4:8] == b"moof"
            is_first_of_period = False
    assert not cuts or not isinstance(cuts[0], PartialSegment)


@given(PUBLISHERS, some.sampled_from([5.0, 30.0]))
@settings(max_examples=100)
def test_every_playlist_can_be_parsed_and_names_only_existing_files(medias: list[Media], length_seconds: float) -> None:
    files = MemoryFiles()
    window = LiveWindow(files, length_seconds, OPENED_AT)
    newest = window.newest
    for number, cut in enumerate(_cut(medias, 200)):
        if isinstance(cut, Period):
            window.begin_period(cut.init_segment)
        elif isinstance(cut, PartialSegment):
            window.add(cut, OPENED_AT + number / 10)
        assert window.newest >= newest
        newest = window.newest
        if not any(window.listed()):
            continue
        for skips in (False, True):
            parsed = m3u8.loads(playlist.media_playlist(window, 0.2, skips=skips))
            named = {part.uri for segment in parsed.segments for part in segment.parts}
            named |= {segment.uri for segment in parsed.segments if segment.uri}
            named |= {segment.init_section.uri for segment in parsed.segments if segment.init_section}
            assert named <= set(files.files)
            durations = [segment.duration for segment in parsed.segments if segment.duration]
            assert max(durations, default=0) <= (parsed.target_duration or 0) + 0.5


@given(
    some.lists(
        some.builds(fmp4.Sample, DATA, some.integers(0, 1 << 31), some.integers(-(1 << 31), (1 << 31) - 1)), max_size=8
    ),
    some.integers(0, (1 << 64) - 1),
)
def test_a_fragment_has_its_frames_at_the_stated_offsets(samples: list[fmp4.Sample], base_time: int) -> None:
    run = fmp4.TrackRun(base_time, samples)

    fragment = fmp4.fragment(1, run, run)

    size = int.from_bytes(fragment[:4], "big")
    assert fragment[size + 4 : size + 8] == b"mdat"
    assert fragment[size + 8 :] == b"".join(sample.data for sample in samples) * 2
