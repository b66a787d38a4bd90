"""The buffer at the start of a stream: the first frames wait for the audio track for a short time."""

from streaming_app.backend.media.start_buffer import AUDIO_WAIT_MS, BUFFERED_ITEMS_MAX, StartBuffer
from streaming_app.backend.media.tracks import Media, Unsupported, VideoFrame
from tests.rig.media_frames import AUDIO, VIDEO, audio, video


def _feed_all(start_buffer: StartBuffer, *medias: Media) -> list[Media]:
    return [media for arrived in medias for media, _ in start_buffer.feed(arrived, 0.0)]


def test_frames_before_the_audio_track_are_held_until_both_tracks_are_known() -> None:
    start_buffer = StartBuffer()
    frames = list(video(0.1))

    assert _feed_all(start_buffer, VIDEO, *frames) == []
    assert _feed_all(start_buffer, AUDIO) == [AUDIO, VIDEO, *frames]
    assert _feed_all(start_buffer, *frames) == frames


def test_held_frames_keep_their_arrival_time() -> None:
    start_buffer = StartBuffer()
    start_buffer.feed(VIDEO, 1.0)

    assert start_buffer.feed(AUDIO, 2.0) == [(AUDIO, 2.0), (VIDEO, 1.0)]


def test_video_without_audio_is_held_only_briefly() -> None:
    start_buffer = StartBuffer()
    frames = list(video(1))

    through = _feed_all(start_buffer, VIDEO, *(frame for frame in frames if frame.dts_ms <= AUDIO_WAIT_MS))

    assert through == [VIDEO, *(frame for frame in frames if frame.dts_ms <= AUDIO_WAIT_MS)]


def test_audio_that_comes_first_is_not_held() -> None:
    frames = list(audio(0.1))

    assert _feed_all(StartBuffer(), AUDIO, *frames) == [AUDIO, *frames]


def test_unsupported_media_is_passed_on_without_delay() -> None:
    unsupported = Unsupported("No.", "audio")

    assert _feed_all(StartBuffer(), unsupported) == [unsupported]


def test_the_number_of_held_frames_is_limited_if_timestamps_do_not_advance() -> None:
    frames = [VideoFrame(0, 0, is_key=True, data=b"v")] * (2 * BUFFERED_ITEMS_MAX)

    assert len(_feed_all(StartBuffer(), VIDEO, *frames)) == 2 * BUFFERED_ITEMS_MAX + 1
