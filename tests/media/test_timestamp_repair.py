"""Correction of wrong timestamps."""

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from streaming_app.backend.media.cutter import Cutter, PartialSegment, Period
from streaming_app.backend.media.timestamp_repair import AUDIO_MISSING_SECONDS, AV_OFFSET_MS_MAX, Timeline
from streaming_app.backend.media.tracks import AudioFrame, Media, VideoFrame
from tests.media.test_generated_publishers import PUBLISHERS
from tests.rig.media_frames import AUDIO, VIDEO, audio, both, together, video

Frame = VideoFrame | AudioFrame


class Encoder:
    """An encoder of correct frames in real time, whose timestamps a test can change."""

    def __init__(self, frames: Sequence[Frame]) -> None:
        self.sent: list[tuple[Frame, float]] = [(frame, frame.dts_ms / 1000) for frame in frames]
        self.timeline = Timeline()

    def shift(self, ms: int, kind: type[Frame] | None = None, *, from_seconds: float = 0, every: int = 1) -> None:
        """Add ``ms`` to the timestamps from ``from_seconds`` on: of all frames or one kind, or of each ``every``-th."""
        count = 0
        for index, (frame, at) in enumerate(self.sent):
            if at >= from_seconds and (kind is None or isinstance(frame, kind)):
                count += 1
                if count % every == 0:
                    self.sent[index] = (replace(frame, dts_ms=frame.dts_ms + ms), at)

    def burst(self, seconds: float) -> None:
        """Let all frames of the first ``seconds`` arrive at once, and the rest in real time."""
        self.sent = [(frame, max(0.0, at - seconds)) for frame, at in self.sent]

    def passed_on(self) -> list[Frame]:
        self.timeline.feed(AUDIO, 0.0)
        media = [media for frame, at in self.sent for media in self.timeline.feed(frame, at)]
        media += self.timeline.flush()
        return [frame for frame in media if isinstance(frame, VideoFrame | AudioFrame)]


def _times(frames: Sequence[Frame]) -> dict[bytes, int]:
    return {frame.data: frame.dts_ms for frame in frames}


def _videos(frames: Sequence[Frame]) -> list[VideoFrame]:
    return [frame for frame in frames if isinstance(frame, VideoFrame)]


def _distances(frames: Sequence[Frame], encoder: Encoder, after: float = 1.0) -> list[float]:
    """Return the distance in ms of each audio frame after ``after`` seconds from the video frame shown at that time."""
    due = {frame.data: at for frame, at in encoder.sent}
    times = _times(frames)
    pictures = [(due[frame.data], times[frame.data]) for frame in _videos(frames)]
    distances: list[float] = []
    for frame in frames:
        if isinstance(frame, AudioFrame) and due[frame.data] > after:
            shown_with = max(picture for picture in pictures if picture[0] <= due[frame.data])
            distances.append(frame.dts_ms - shown_with[1] - (due[frame.data] - shown_with[0]) * 1000)
    return distances


def _cut(frames: Sequence[Frame]) -> tuple[list[PartialSegment], list[Period]]:
    cutter = Cutter(200)
    media: list[Media] = [VIDEO, AUDIO, *frames]
    cuts = [cut for item in media for cut in cutter.feed(item)] + list(cutter.flush())
    return [cut for cut in cuts if isinstance(cut, PartialSegment)], [cut for cut in cuts if isinstance(cut, Period)]


def _heard(parts: Sequence[PartialSegment]) -> list[bytes]:
    """Return the data of the audio frames in these parts."""
    return [name for part in parts for name in re.findall(rb"a\d+", part.data)]


def test_timestamps_of_a_steady_publisher_are_unchanged() -> None:
    frames = together(video(10), audio(10))

    encoder = Encoder(frames)

    assert encoder.passed_on() == frames
    assert encoder.timeline.audio_ahead_ms == 0


@pytest.mark.parametrize("shift_ms", [20_000, 2_000, -20_000, -2_000, 3_600_000, -3_600_000])
@pytest.mark.parametrize("fps", [25, 60])
def test_audio_with_an_offset_is_aligned_to_the_video_without_loss(shift_ms: int, fps: float) -> None:
    heard = list(audio(10))
    encoder = Encoder(together(video(10, fps=fps), heard))
    encoder.shift(shift_ms, AudioFrame)

    frames = encoder.passed_on()

    assert encoder.timeline.audio_ahead_ms == pytest.approx(shift_ms, abs=60)
    assert len([frame for frame in frames if isinstance(frame, AudioFrame)]) >= len(heard) - 1
    assert max(map(abs, _distances(frames, encoder))) < 60
    parts, periods = _cut(frames)
    assert len(periods) == 1
    assert len(_heard(parts)) >= len(heard) - 5


def test_audio_with_an_offset_is_aligned_to_slides() -> None:
    encoder = Encoder(together(video(60, fps=0.2, gop_seconds=5), audio(60)))
    encoder.shift(20_000, AudioFrame)

    frames = encoder.passed_on()

    assert max(map(abs, _distances(frames, encoder, after=16))) < 60


def test_frames_sent_in_pairs_get_separate_timestamps() -> None:
    frames = list(video(10, fps=60))
    encoder = Encoder(frames)
    encoder.sent = [
        (replace(frame, dts_ms=frames[n // 2 * 2].dts_ms), frame.dts_ms / 1000) for n, frame in enumerate(frames)
    ]

    passed_on = _videos(encoder.passed_on())

    assert all(abs(was.dts_ms - now.dts_ms) <= 2 for was, now in zip(frames[4:], passed_on[4:], strict=True))


@pytest.mark.parametrize("shift_ms", [400, -400, 1000])
def test_a_small_offset_is_kept(shift_ms: int) -> None:
    encoder = Encoder(together(video(5), audio(5)))
    encoder.shift(shift_ms, AudioFrame)
    sent = [frame for frame, _ in encoder.sent]

    assert encoder.passed_on() == sent


@pytest.mark.parametrize("ms", [-40, -300, -400, -900])
@pytest.mark.parametrize("every", [45, 200])
def test_single_frames_that_step_back_are_corrected_alone(ms: int, every: int) -> None:
    frames = together(video(20, fps=25), audio(20))
    encoder = Encoder(frames)
    encoder.shift(ms, VideoFrame, every=every)

    passed_on = encoder.passed_on()

    parts, periods = _cut(passed_on)
    wrong = [n for n, (a, b) in enumerate(zip(_videos(passed_on), video(20, fps=25), strict=True)) if a != b]
    assert len(periods) == 1
    assert len(wrong) <= 20 * 25 / every
    assert sum(part.duration_ms for part in parts) == pytest.approx(20_000, abs=60 if ms < -40 else 500)
    assert all(a.dts_ms < b.dts_ms for a, b in pairwise(_videos(passed_on)))


@pytest.mark.parametrize("ms", [-400, -2_000, -5_000, -30_000, 5_000, 60_000, 10_000_000_000])
@pytest.mark.parametrize("kind", [None, VideoFrame])
def test_a_timestamp_jump_is_corrected(ms: int, kind: type[Frame] | None) -> None:
    encoder = Encoder(together(video(20, fps=25), audio(20)))
    encoder.shift(ms, kind, from_seconds=10)

    frames = encoder.passed_on()

    videos = _videos(frames)
    parts, periods = _cut(frames)
    assert len(periods) == 1
    assert len(videos) == 500
    assert len(_heard(parts)) == pytest.approx(20 * 48_000 / 1024, abs=10)
    assert all(0 < b.dts_ms - a.dts_ms < 300 for a, b in pairwise(videos))
    assert videos[-1].dts_ms == pytest.approx(20_000, abs=200)
    assert sum(part.duration_ms for part in parts) == pytest.approx(20_000, abs=200)
    assert max(map(abs, _distances(frames, encoder, after=12))) < 100


@pytest.mark.parametrize("fps", [25, 0.2])
def test_a_burst_of_buffered_frames_is_not_corrected(fps: float) -> None:
    frames = together(video(30, fps=fps, gop_seconds=5), audio(30))
    encoder = Encoder(frames)
    encoder.burst(6)

    passed_on = encoder.passed_on()

    assert _times(passed_on) == _times(frames)


@pytest.mark.parametrize("seconds_apart", [2, 5, 29])
def test_slides_are_not_corrected(seconds_apart: float) -> None:
    frames = together(video(90, fps=1 / seconds_apart, gop_seconds=seconds_apart), audio(90))
    encoder = Encoder(frames)

    assert encoder.passed_on() == frames


@pytest.mark.parametrize("seconds_apart", [2, 5, 20])
def test_slides_that_delay_their_audio_in_the_encoder_keep_it(seconds_apart: float) -> None:
    frames = together(video(60, fps=1 / seconds_apart, gop_seconds=seconds_apart), audio(60))
    encoder = Encoder(frames)
    encoder.sent = [(frame, math.ceil(at / seconds_apart) * seconds_apart) for frame, at in encoder.sent]

    assert encoder.passed_on() == frames


def test_frames_delayed_by_the_network_are_not_corrected() -> None:
    frames = together(video(20), audio(20))
    encoder = Encoder(frames)
    encoder.sent = [(frame, max(at, 9.0) if 5 < at < 9 else at) for frame, at in encoder.sent]

    assert _times(encoder.passed_on()) == _times(frames)


def test_audio_without_a_constant_offset_is_dropped_and_reported() -> None:
    encoder = Encoder(together(video(20), audio(20)))
    encoder.sent = [
        (replace(frame, dts_ms=frame.dts_ms * 977 % 900_000 + 100_000) if isinstance(frame, AudioFrame) else frame, at)
        for frame, at in encoder.sent
    ]

    encoder.passed_on()

    assert encoder.timeline.drops_audio(20 + AUDIO_MISSING_SECONDS)


def test_audio_alone_keeps_its_timestamps() -> None:
    frames: list[Frame] = list(audio(3, start_ms=7_000_000))

    assert Encoder(frames).passed_on() == frames


@given(PUBLISHERS, some.just(0.0) | some.floats(0, 10))
def test_video_timestamps_always_increase_and_no_frame_is_lost(medias: list[Media], step_seconds: float) -> None:
    timeline, at = Timeline(), 0.0
    passed_on: list[Media] = []
    for media in medias:
        passed_on += timeline.feed(media, at)
        at += step_seconds

    videos = [media for media in passed_on if isinstance(media, VideoFrame)]
    assert [frame.data for frame in videos] == [media.data for media in medias if isinstance(media, VideoFrame)]
    assert all(a.dts_ms < b.dts_ms for a, b in pairwise(videos))
    last_ms = None
    for media in passed_on:
        if isinstance(media, VideoFrame):
            last_ms = media.dts_ms
        elif isinstance(media, AudioFrame) and last_ms is not None and not step_seconds:
            assert media.dts_ms - last_ms < AV_OFFSET_MS_MAX


def test_other_media_is_passed_on_unchanged() -> None:
    assert [media for item in both(0) for media in Timeline().feed(item, 0.0)] == [VIDEO, AUDIO]
