"""Reading tracks and frames from FLV tags."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming_app.backend.media.rtmp import amf
from streaming_app.backend.media.rtmp.chunks import MessageType, RtmpMessage
from streaming_app.backend.media.rtmp.errors import IngestReadError
from streaming_app.backend.media.rtmp.flv import FlvReader
from streaming_app.backend.media.tracks import (
    AudioFrame,
    AudioTrack,
    Media,
    Unsupported,
    VideoCodec,
    VideoFrame,
    VideoTrack,
)
from tests.rig.rtmp_bytes import (
    AAC,
    AV1,
    AVC,
    AVC_INTERLACED,
    HEVC,
    aac_config,
    aac_frame,
    audio,
    avc_config,
    avc_frame,
    enhanced_video,
    video,
)


def read(*messages: RtmpMessage) -> list[Media]:
    reader = FlvReader()
    return [media for message in messages for media in reader.read(message)]


def test_h264_is_read() -> None:
    assert read(video(0, avc_config()), video(40, avc_frame(b"data", cts_ms=-7, is_key=True))) == [
        VideoTrack("avc1", AVC, 1920, 1080),
        VideoFrame(40, -7, is_key=True, data=b"data"),
    ]


def test_aac_is_read() -> None:
    assert read(audio(0, aac_config()), audio(23, aac_frame(b"data"))) == [
        AudioTrack(AAC, 44100, 2, 1024),
        AudioFrame(23, b"data"),
    ]


def test_aac_in_enhanced_rtmp_is_read() -> None:
    assert read(audio(0, b"\x90mp4a" + AAC), audio(23, b"\x91mp4adata")) == [
        AudioTrack(AAC, 44100, 2, 1024),
        AudioFrame(23, b"data"),
    ]


@pytest.mark.parametrize(("codec", "config"), [("hvc1", HEVC), ("avc1", AVC)])
def test_enhanced_frames_may_have_a_composition_time(codec: VideoCodec, config: bytes) -> None:
    fourcc = codec.encode()

    assert read(
        video(0, enhanced_video(fourcc, 0, config)),
        video(40, enhanced_video(fourcc, 1, b"\0\0\x21data")),
        video(80, enhanced_video(fourcc, 3, b"more", is_key=False)),
    ) == [
        VideoTrack(codec, config, 1920, 1080),
        VideoFrame(40, 33, is_key=True, data=b"data"),
        VideoFrame(80, 0, is_key=False, data=b"more"),
    ]


def test_av1_has_no_composition_time() -> None:
    assert read(video(0, enhanced_video(b"av01", 0, AV1)), video(40, enhanced_video(b"av01", 1, b"data"))) == [
        VideoTrack("av01", AV1, 320, 180),
        VideoFrame(40, 0, is_key=True, data=b"data"),
    ]


def test_a_track_is_repeated_only_when_it_changes() -> None:
    tracks = read(
        video(0, avc_config()),
        video(1, avc_config()),
        video(2, avc_config(AVC_INTERLACED)),
        audio(3, aac_config()),
        audio(4, aac_config()),
        audio(5, aac_config(b"\x11\x90")),
    )

    assert tracks == [
        VideoTrack("avc1", AVC, 1920, 1080),
        VideoTrack("avc1", AVC_INTERLACED, 720, 576),
        AudioTrack(AAC, 44100, 2),
        AudioTrack(b"\x11\x90", 48000, 2),
    ]


def test_empty_tags_commands_and_sequence_ends_are_ignored() -> None:
    assert read(
        video(0, b""), audio(0, b""), video(0, b"\x57\0"), video(0, avc_config()), video(0, b"\x17\2\0\0\0"),
        video(0, enhanced_video(b"hvc1", 2, b"")), video(0, enhanced_video(b"hvc1", 4, b"hdr")),
        video(0, avc_frame(b"")), audio(0, aac_frame(b"")),
    ) == [VideoTrack("avc1", AVC, 1920, 1080)]  # fmt: skip


def test_frames_without_a_configuration_are_skipped_and_reported_once() -> None:
    early = [
        audio(0, aac_frame(b"data")),
        video(0, avc_frame(b"data")),
        video(0, avc_frame(b"data", is_key=True)),
        video(9, enhanced_video(b"hvc1", 3, b"data")),
    ]

    [said] = read(*early)

    assert isinstance(said, Unsupported)
    assert "without its configuration" in said.reason


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (audio(0, b"\x2f..."), "The encoder sends MP3 audio: set the audio codec to AAC."),
        (audio(0, b"\x90Opus"), "The encoder sends Opus audio: set the audio codec to AAC."),
        (audio(0, b"\x95..."), "The encoder sends several audio tracks at once: set it to one track."),
        (audio(0, b"\xf0..."), "The encoder sends an unknown kind of audio: set the audio codec to AAC."),
        (video(0, b"\x14..."), "The encoder sends VP6 video: set the video codec to H.264."),
        (video(0, enhanced_video(b"vp09", 0, b"")), "The encoder sends VP9 video: set the video codec to H.264."),
        (
            video(0, enhanced_video(b"????", 0, b"")),
            "The encoder sends an unknown kind of video: set the video codec to H.264.",
        ),
        (video(0, b"\x96..."), "The encoder sends several video tracks at once: turn multitrack video off."),
        (
            audio(0, aac_config(b"\x0a\x10")),
            "The encoder sends an unusual kind of AAC audio: set the audio codec to AAC-LC.",
        ),
        (
            audio(0, aac_config(b"\x12\x00")),
            "The encoder sends audio with an unusual channel layout: set the audio to stereo.",
        ),
    ],
)
def test_unsupported_media_is_reported_once(message: RtmpMessage, reason: str) -> None:
    [said] = read(message, message)

    assert isinstance(said, Unsupported)
    assert said.reason == reason


def test_unsupported_media_is_reported_again_when_it_returns() -> None:
    mp3 = audio(0, b"\x2f...")

    kinds = [type(media) for media in read(mp3, mp3, audio(1, aac_config()), mp3, mp3)]

    assert kinds == [Unsupported, AudioTrack, Unsupported]


def test_hevc_without_enhanced_rtmp_is_reported_as_unsupported() -> None:
    [said] = read(video(0, b"\x1c\1..."), video(0, b"\x1c\1..."))

    assert isinstance(said, Unsupported)
    assert "without Enhanced RTMP" in said.reason


@pytest.mark.parametrize(
    "tag", [b"\x17", b"\x17\1\0\0", b"\x91hvc", b"\x91hvc1\0\0", b"\x17\0\0\0\0", b"\x17\0\0\0\0\1"]
)
def test_truncated_video_is_refused(tag: bytes) -> None:
    with pytest.raises(IngestReadError):
        read(video(0, tag))


@pytest.mark.parametrize("tag", [b"\xaf", b"\xaf\0", b"\xaf\0\x12", b"\x90mp4", b"\xaf\0\x16\x90"])
def test_truncated_audio_is_refused(tag: bytes) -> None:
    with pytest.raises(IngestReadError):
        read(audio(0, tag))


def metadata(codec_id: float) -> RtmpMessage:
    return RtmpMessage(MessageType.DATA, 1, 0, amf.encode("onMetaData", {"width": 640.0, "videocodecid": codec_id}))


def test_media_that_nginx_drops_is_reported_from_the_encoders_metadata() -> None:
    hevc, h264, none = metadata(0x68766331), metadata(7), metadata(0)
    access = RtmpMessage(MessageType.DATA, 1, 0, amf.encode("|RtmpSampleAccess", *[True, True]))

    assert read(access, h264, none) == []
    assert read(hevc, hevc) == [
        Unsupported("nginx-rtmp does not pass HEVC video on: set the video codec to H.264.", "video")
    ]


def times(*timestamps: int) -> list[int]:
    frames = read(audio(timestamps[0], aac_config()), *(audio(timestamp, aac_frame(b"d")) for timestamp in timestamps))
    return [frame.dts_ms for frame in frames if isinstance(frame, AudioFrame)]


def test_timestamps_continue_when_32_bits_wrap() -> None:
    assert times(2**32 - 20, 1, 22) == [2**32 - 20, 2**32 + 1, 2**32 + 22]


def test_timestamp_jumps_are_kept() -> None:
    assert times(4000, 23, 100_000) == [4000, 23, 100_000]


@given(st.lists(st.integers(-(2**31) + 1, 2**31 - 1), max_size=50), st.integers(0, 2**32 - 1))
def test_any_timestamps_are_unwrapped(steps: list[int], first: int) -> None:
    real = [first]
    for step in steps:
        real.append(real[-1] + step)

    assert times(*(moment % 2**32 for moment in real)) == real


@given(
    st.sampled_from([MessageType.AUDIO, MessageType.VIDEO, MessageType.DATA]),
    st.lists(st.binary(max_size=60), max_size=4),
)
def test_random_input_raises_only_the_documented_error(type_id: int, tags: list[bytes]) -> None:
    try:
        read(*(RtmpMessage(type_id, 1, 0, tag) for tag in tags))
    except IngestReadError as refused:
        assert "\n" not in str(refused)  # noqa: PT017 - the test is about this error
