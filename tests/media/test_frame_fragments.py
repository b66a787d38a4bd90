"""Messages of real-time viewers: one MP4 fragment for each frame, on one clock."""

import json

from streaming_app.backend.media.cutter import Period
from streaming_app.backend.media.fmp4 import VIDEO_TIMESCALE
from streaming_app.backend.media.frame_fragments import EARLIEST_MS, FrameFragments, MessageKind
from streaming_app.backend.media.tracks import AudioTrack, VideoFrame, VideoTrack
from tests.rig.media_frames import AUDIO, VIDEO, audio, both, together, video
from tests.rig.realtime_client import decoding_time


def _period(video_track: VideoTrack | None = VIDEO, audio_track: AudioTrack | None = AUDIO) -> Period:
    return Period(b"", video_track, audio_track)


def _made(fragments: FrameFragments, seconds: float, start_ms: int = 0) -> list[bytes]:
    frames = together(video(seconds, start_ms=start_ms), audio(seconds, start_ms=start_ms))
    return [message for frame in frames if (message := fragments.feed(frame))]


def _time_ms(message: bytes) -> float:
    """Return the decoding time of a fragment, from its ``tfdt`` box."""
    return decoding_time(message) * 1000 / (AUDIO.sample_rate if message[0] == MessageKind.AUDIO else VIDEO_TIMESCALE)


def _of(messages: list[bytes], *kinds: MessageKind) -> list[bytes]:
    return [message for message in messages if message[0] in kinds]


def test_a_period_begins_with_its_codecs_and_an_initialization_segment_of_each_track() -> None:
    (description, _), *inits = FrameFragments().begin(_period(), 0)

    assert json.loads(description) == {
        "video": "avc1.4D401F",
        "width": VIDEO.width,
        "height": VIDEO.height,
        "audio": "mp4a.40.2",
        "config": "1190",
        "sample_rate": 48_000,
        "channels": 2,
    }
    assert [kind for _, kind in inits] == [MessageKind.VIDEO_INIT, MessageKind.AUDIO_INIT]
    assert all(init[0] == kind and init[5:9] == b"ftyp" for init, kind in inits)


def test_each_frame_is_a_message_at_once() -> None:
    fragments = FrameFragments()
    fragments.begin(_period(), 0)

    made = [fragments.feed(frame) for frame in both(1)[2:] if isinstance(frame, VideoFrame)]

    assert len(made) == 30
    assert [message[0] for message in made if message] == [MessageKind.KEYFRAME] + [MessageKind.VIDEO] * 29
    assert made[0] is not None
    assert made[0].endswith(b"v0")


def test_fragments_have_the_layout_that_players_read() -> None:
    fragments = FrameFragments()
    fragments.begin(_period(), 0)

    made = _made(fragments, 1)

    for message in made:
        fragment = message[1:]
        decoding, data = int.from_bytes(fragment[60:68]), int.from_bytes(fragment[84:88])
        assert decoding == decoding_time(message)
        assert fragment[data - 4 : data] == b"mdat"


def test_the_composition_offset_of_a_frame_is_where_players_read_it() -> None:
    fragments = FrameFragments()
    fragments.begin(_period(audio_track=None), 0)

    message = fragments.feed(VideoFrame(dts_ms=0, cts_ms=33, is_key=True, data=b"frame"))

    assert message
    assert int.from_bytes(message[101:105], signed=True) == 90 * 33


def test_audio_and_video_share_a_clock() -> None:
    fragments = FrameFragments()
    fragments.begin(_period(), 0)

    made = _made(fragments, 2)

    videos, audios = _of(made, MessageKind.KEYFRAME, MessageKind.VIDEO), _of(made, MessageKind.AUDIO)
    assert abs(_time_ms(videos[0]) - EARLIEST_MS) < 1
    assert abs(_time_ms(videos[-1]) - _time_ms(audios[-1])) < 50


def test_the_clock_continues_when_the_publisher_returns_with_another_clock() -> None:
    fragments = FrameFragments()
    fragments.begin(_period(), 0)
    before = _made(fragments, 2, start_ms=5_000_000)

    fragments.begin(_period(), 7_000)
    after = _made(fragments, 1, start_ms=40)

    assert abs(_time_ms(after[0]) - (EARLIEST_MS + 7_000)) < 1
    assert _time_ms(after[0]) > _time_ms(before[-1])


def test_the_clock_never_goes_back_although_the_encoder_was_faster_than_real_time() -> None:
    fragments = FrameFragments()
    fragments.begin(_period(), 0)
    before = _made(fragments, 10)

    fragments.begin(_period(), 5_000)

    assert _time_ms(_made(fragments, 1)[0]) > _time_ms(before[-1])


def test_another_rendition_has_the_times_of_the_source() -> None:
    source, smaller = FrameFragments(), FrameFragments()
    source.begin(_period(), 3_000)
    of_source = _made(source, 1, start_ms=777)

    smaller.begin(_period(), 4_000, source.offset_ms)

    assert [_time_ms(m) for m in _made(smaller, 1, start_ms=777)] == [_time_ms(m) for m in of_source]


def test_audio_before_the_first_video_frame_is_dropped() -> None:
    fragments = FrameFragments()
    fragments.begin(_period(), 0)

    assert [fragments.feed(frame) for frame in audio(0.1)] == [None] * 5


def test_sound_alone_is_sent() -> None:
    fragments = FrameFragments()
    header = fragments.begin(_period(video_track=None), 0)

    assert [kind for _, kind in header] == [MessageKind.DESCRIPTION, MessageKind.AUDIO_INIT]
    assert all(fragments.feed(frame) for frame in audio(1))


def test_a_picture_without_sound_is_sent() -> None:
    fragments = FrameFragments()
    fragments.begin(_period(audio_track=None), 0)

    made = _made(fragments, 1)

    assert len(made) == 30
