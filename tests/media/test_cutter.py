"""Cutting the media of a publisher into parts and segments."""

import math
import re
from itertools import accumulate, pairwise

import pytest

from streaming_app.backend.media import cutter as cutting
from streaming_app.backend.media.cutter import Cutter, KeyframeMissing, PartialSegment, Period
from streaming_app.backend.media.tracks import AudioFrame, AudioTrack, Media, VideoFrame, VideoTrack
from tests.rig.media_frames import AUDIO, VIDEO, audio, both, cuts_of, parts_of, periods_of, together, video

FRAME_NAME = re.compile(rb"[va]\d+")


def _names(parts: list[PartialSegment], kind: str) -> list[bytes]:
    """Return the data of the frames in the parts: ``v`` for video, ``a`` for audio."""
    names = [name for part in parts for name in FRAME_NAME.findall(part.data)]
    return [name for name in names if name.startswith(kind.encode())]


def _ends(parts: list[PartialSegment]) -> list[tuple[float, float]]:
    return [(part.start_ms, part.start_ms + part.duration_ms) for part in parts]


@pytest.mark.parametrize(("fps", "part_ms"), [(30, 200), (30, 100), (25, 200), (60, 100), (29.97, 200), (50, 100)])
def test_parts_have_the_maximum_duration_and_never_more(fps: float, part_ms: int) -> None:
    parts = parts_of(cuts_of([VIDEO, *video(10, fps=fps)], part_ms))

    last_of_segment = [following.begins_segment for following in parts[1:]] + [True]
    assert max(part.duration_ms for part in parts) <= part_ms + 1
    assert min(p.duration_ms for p, last in zip(parts, last_of_segment, strict=True) if not last) >= 0.75 * part_ms


def test_a_part_is_complete_with_its_last_frame_without_waiting_for_the_next() -> None:
    cutter = Cutter(200)

    *_, last = [list(cutter.feed(media)) for media in (VIDEO, *video(0.2, fps=30))]

    assert [type(cut) for cut in last] == [PartialSegment]


def test_no_frame_is_lost_or_duplicated() -> None:
    media = both(7.3)

    parts = parts_of(cuts_of(media))

    audios = _names(parts, "a")
    assert _names(parts, "v") == [frame.data for frame in video(7.3)]
    heard = [frame.data for frame in audio(7.3)]
    assert audios == heard[: len(audios)]
    assert len(heard) - len(audios) <= 1  # audio after the last video frame


def test_parts_follow_each_other_without_gap_or_overlap() -> None:
    ends = _ends(parts_of(cuts_of(both(10))))

    assert all(abs(end - start) <= 1 for (_, end), (start, _) in pairwise(ends))


def test_segments_begin_with_keyframes_and_last_at_least_a_second() -> None:
    parts = parts_of(cuts_of([VIDEO, *video(10, gop_seconds=0.5)]))

    begins = [part.start_ms for part in parts if part.begins_segment]
    assert all(part.is_independent for part in parts if part.begins_segment)
    assert begins == [n * 1000 for n in range(10)]


def test_every_keyframe_begins_a_part() -> None:
    parts = parts_of(cuts_of([VIDEO, *video(4, gop_seconds=0.5)]))

    assert [part.start_ms for part in parts if part.is_independent] == [n * 500 for n in range(8)]


def test_no_part_is_cut_before_the_first_keyframe() -> None:
    frames = list(video(3, gop_seconds=2))[20:]

    parts = parts_of(cuts_of([VIDEO, *frames]))

    assert parts[0].start_ms == 2000
    assert parts[0].begins_segment


def test_the_initialization_segment_comes_first_and_again_when_a_track_changes() -> None:
    larger = VideoTrack("avc1", b"\x01\x4d\x40\x20", 1280, 720)

    cuts = cuts_of([*both(2), larger, *together(video(2, start_ms=2000), audio(2, start_ms=2000))])

    assert [s.video for s in periods_of(cuts)] == [VIDEO, larger]
    assert [s.audio for s in periods_of(cuts)] == [AUDIO, AUDIO]
    at = cuts.index(periods_of(cuts)[1])
    following = cuts[at + 1]
    assert isinstance(following, PartialSegment)
    assert following.begins_segment


def test_audio_that_starts_later_is_added_at_the_next_keyframe_without_losing_video() -> None:
    frames: list[Media] = [*together(video(12, gop_seconds=5), audio(10, start_ms=2000))]
    at = next(n for n, frame in enumerate(frames) if isinstance(frame, AudioFrame))

    cuts = cuts_of([VIDEO, *frames[:at], AUDIO, *frames[at:]])

    assert [period.audio for period in periods_of(cuts)] == [None, AUDIO]
    assert _names(parts_of(cuts), "v") == [frame.data for frame in video(12)]
    begins = [part.start_ms for part in parts_of(cuts) if part.begins_segment]
    assert begins == [0, 5000, 10_000]
    assert all(abs(end - start) <= 1 for (_, end), (start, _) in pairwise(_ends(parts_of(cuts))))
    assert len(_names(parts_of(cuts), "a")) == pytest.approx(7 * 48_000 / 1024, abs=2)


def test_announcing_the_same_tracks_again_changes_nothing() -> None:
    media: list[Media] = [VIDEO, AUDIO, *together(video(2), audio(2)), VIDEO, AUDIO]
    media += together(video(2, start_ms=2000), audio(2, start_ms=2000))

    assert len(periods_of(cuts_of(media))) == 1


@pytest.mark.parametrize("start_ms", [60_000, 0, 10_000_000_000])
def test_a_timestamp_jump_starts_a_new_period(start_ms: int) -> None:
    cuts = cuts_of([*both(5), *together(video(2, start_ms=start_ms), audio(2, start_ms=start_ms))])

    assert len(periods_of(cuts)) == 2
    assert parts_of(cuts)[-1].start_ms > start_ms


@pytest.mark.parametrize("late_ms", [900, 2500])
def test_a_pause_shorter_than_a_jump_becomes_a_long_frame(late_ms: int) -> None:
    cuts = cuts_of([*both(2), *together(video(2, start_ms=2000 + late_ms), audio(2, start_ms=2000 + late_ms))])

    assert len(periods_of(cuts)) == 1


def test_audio_without_video_is_cut() -> None:
    cuts = cuts_of([AUDIO, *audio(5)])

    [period] = periods_of(cuts)
    parts = parts_of(cuts)
    assert (period.video, period.audio) == (None, AUDIO)
    assert all(part.is_independent for part in parts)
    assert all(150 <= part.duration_ms <= 250 for part in parts[:-1])
    begins = [part.start_ms for part in parts if part.begins_segment]
    assert all(950 <= b - a <= 1250 for a, b in pairwise(begins))


def test_video_without_audio_is_cut() -> None:
    [period] = periods_of(cuts_of([VIDEO, *video(3)]))

    assert period.audio is None


def test_audio_continues_alone_while_video_has_stopped() -> None:
    media: list[Media] = [VIDEO, AUDIO, *together(video(2), audio(12), video(3, start_ms=9000))]

    assert [s.video for s in periods_of(cuts_of(media))] == [VIDEO, None, VIDEO]


@pytest.mark.parametrize(("fps", "gop_seconds"), [(24, 250 / 24), (30, 20), (25, 30)])
def test_keyframes_up_to_half_a_minute_apart_lose_no_frame(fps: float, gop_seconds: float) -> None:
    media = both(60, fps=fps, gop_seconds=gop_seconds)

    cuts = cuts_of(media)

    parts = parts_of(cuts)
    assert len(periods_of(cuts)) == 1
    assert _names(parts, "v") == [frame.data for frame in video(60, fps=fps)]
    assert sum(part.duration_ms for part in parts) == pytest.approx(60_000, abs=200)
    assert [p.start_ms for p in parts if p.begins_segment] == pytest.approx(
        [n * gop_seconds * 1000 for n in range(math.ceil(60 / gop_seconds))], abs=1
    )
    assert max(part.duration_ms for part in parts) <= 201


def test_a_missing_keyframe_is_reported_once_and_the_next_one_starts_a_new_period() -> None:
    cuts = cuts_of([VIDEO, *video(50, gop_seconds=45)])

    assert [cut for cut in cuts if isinstance(cut, KeyframeMissing)] == [KeyframeMissing()]
    assert [cut.start_ms for cut in parts_of(cuts) if cut.begins_segment] == [0, 45_000]
    assert len(periods_of(cuts)) == 2


def test_video_without_a_first_keyframe_is_reported() -> None:
    cuts = cuts_of([VIDEO, *list(video(40, gop_seconds=60))[1:]])

    assert cuts == [KeyframeMissing()]


@pytest.mark.parametrize("seconds_apart", [[5.0] * 12, [2, 9, 4, 28, 1, 7, 0.5, 11], [0.4] * 60])
@pytest.mark.parametrize("key_every", [1, 4])
def test_each_slide_lasts_until_the_next_one_and_keeps_its_audio(seconds_apart: list[float], key_every: int) -> None:
    times = [0, *accumulate(seconds_apart)]
    slides = [VideoFrame(round(at * 1000), 0, n % key_every == 0, b"v%d" % n) for n, at in enumerate(times)]
    heard = list(audio(times[-1] + 1))

    cuts = cuts_of([VIDEO, AUDIO, *together(slides, heard)])

    parts = parts_of(cuts)
    assert [period.video for period in periods_of(cuts)] == [VIDEO]
    assert [frame.data for frame in heard] == _names(parts, "a")
    assert all(abs(end - start) <= 1 for (_, end), (start, _) in pairwise(_ends(parts)))
    assert sum(part.duration_ms for part in parts) == pytest.approx(1000 * (times[-1] + 1), abs=30)


def test_audio_continues_after_slow_video_has_stopped() -> None:
    media = [VIDEO, AUDIO, *together(video(10, fps=0.5, gop_seconds=2), audio(60))]

    cuts = cuts_of(media)

    assert [period.video for period in periods_of(cuts)] == [VIDEO, None]
    assert _names(parts_of(cuts), "a")[-1] == list(audio(60))[-1].data


def test_a_gap_in_the_audio_keeps_its_duration() -> None:
    frames = [f for f in audio(4) if not 1000 < f.dts_ms < 1500]

    cuts = cuts_of([VIDEO, AUDIO, *together(video(4), frames)])

    assert len(periods_of(cuts)) == 1
    assert b"a%d" % 180 in parts_of(cuts)[-1].data or b"a%d" % 180 in parts_of(cuts)[-2].data


def test_an_explicit_sample_rate_and_short_frames_give_the_right_duration() -> None:
    odd = AudioTrack(b"\x13\x10", 22_050, 1, 960)

    parts = parts_of(cuts_of([odd, *audio(5, track=odd)]))

    assert sum(part.duration_ms for part in parts) == pytest.approx(5000 - cutting.NO_VIDEO_TIMEOUT_MS, abs=90)


def test_frames_without_a_track_are_ignored() -> None:
    assert cuts_of(list(together(video(1), audio(1)))) == []


def test_a_frame_with_a_repeated_timestamp_has_a_duration() -> None:
    frames = [VideoFrame(ms, 0, ms == 0, b"x") for ms in (0, 33, 33, 33, 66, 100, 133, 166, 200)]

    parts = parts_of(cuts_of([VIDEO, *frames]))

    assert all(part.duration_ms > 0 for part in parts)


def test_a_period_has_the_configuration_of_its_tracks() -> None:
    [period] = periods_of(cuts_of(both(1)))

    assert isinstance(period, Period)
    assert b"avcC" in period.init_segment
    assert b"esds" in period.init_segment
