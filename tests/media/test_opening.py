"""A stream's first frames wait for its sound, not for long, and nothing waits after them."""

from streaming_app.backend.media.opening import HELD_MAX, SOUND_WAIT_MS, Opening
from streaming_app.backend.media.tracks import Media, Unsupported, VideoFrame
from tests.media.frames import AUDIO, VIDEO, audio, video


def _let_through(opening: Opening, *medias: Media) -> list[Media]:
    return [media for arrived in medias for media, _ in opening.take(arrived, 0.0)]


def test_frames_that_come_before_the_sound_is_known_follow_both_tracks() -> None:
    opening = Opening()
    frames = list(video(0.1))

    assert _let_through(opening, VIDEO, *frames) == []
    assert _let_through(opening, AUDIO) == [AUDIO, VIDEO, *frames]
    assert _let_through(opening, *frames) == frames


def test_what_was_held_back_keeps_the_time_at_which_it_came() -> None:
    opening = Opening()
    opening.take(VIDEO, 1.0)

    assert opening.take(AUDIO, 2.0) == [(AUDIO, 2.0), (VIDEO, 1.0)]


def test_video_without_sound_is_not_held_back_for_long() -> None:
    opening = Opening()
    frames = list(video(1))

    through = _let_through(opening, VIDEO, *(frame for frame in frames if frame.dts_ms <= SOUND_WAIT_MS))

    assert through == [VIDEO, *(frame for frame in frames if frame.dts_ms <= SOUND_WAIT_MS)]


def test_sound_that_comes_first_waits_for_nothing() -> None:
    frames = list(audio(0.1))

    assert _let_through(Opening(), AUDIO, *frames) == [AUDIO, *frames]


def test_what_cannot_be_played_is_told_at_once() -> None:
    unsupported = Unsupported("No.", "audio")

    assert _let_through(Opening(), unsupported) == [unsupported]


def test_frames_whose_clock_stands_still_are_not_held_back_without_bound() -> None:
    frames = [VideoFrame(0, 0, is_key=True, data=b"v")] * (2 * HELD_MAX)

    assert len(_let_through(Opening(), VIDEO, *frames)) == 2 * HELD_MAX + 1
