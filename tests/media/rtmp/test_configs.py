"""Decoder configurations: what they contain, and names of codecs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming_app.backend.media.codecs import codec_string
from streaming_app.backend.media.rtmp.aac import track_of
from streaming_app.backend.media.rtmp.errors import IngestReadError
from streaming_app.backend.media.rtmp.video_size import size_of
from streaming_app.backend.media.tracks import AudioTrack, VideoCodec, VideoTrack
from tests.rig.rtmp_bytes import AAC, AV1, AVC, AVC_INTERLACED, HEVC

CONFIGS: list[tuple[VideoCodec, bytes, tuple[int, int], str]] = [
    ("avc1", AVC, (1920, 1080), "avc1.640028"),
    ("avc1", AVC_INTERLACED, (720, 576), "avc1.7A001E"),
    ("hvc1", HEVC, (1920, 1080), "hvc1.1.6.L120.90"),
    ("av01", AV1, (320, 180), "av01.0.00M.08"),
]


def bits(*fields: tuple[int, int]) -> bytes:
    """Return numbers of the given bit lengths as bytes, padded with zeros."""
    text = "".join(f"{number:0{count}b}" for number, count in fields)
    return int(text.ljust(-(-len(text) // 8) * 8, "0"), 2).to_bytes(-(-len(text) // 8), "big")


@pytest.mark.parametrize(("codec", "config", "size", "name"), CONFIGS)
def test_video_configurations_have_a_size_and_a_codec_string(
    codec: VideoCodec, config: bytes, size: tuple[int, int], name: str
) -> None:
    assert size_of(codec, config) == size
    assert codec_string(VideoTrack(codec, config, *size)) == name


@pytest.mark.parametrize(("codec", "config", "size", "name"), CONFIGS)
def test_a_truncated_configuration_is_refused_or_has_its_size(
    codec: VideoCodec, config: bytes, size: tuple[int, int], name: str
) -> None:
    for end in range(len(config)):
        try:
            assert size_of(codec, config[:end]) == size
        except IngestReadError:
            continue


@given(st.sampled_from(CONFIGS), st.lists(st.tuples(st.integers(1, 200), st.integers(0, 255)), max_size=8))
def test_a_damaged_configuration_is_refused_or_has_a_size(
    known: tuple[VideoCodec, bytes, tuple[int, int], str], damages: list[tuple[int, int]]
) -> None:
    codec, config = known[0], bytearray(known[1])
    for at, byte in damages:
        config[at % len(config)] = byte
    try:
        width, height = size_of(codec, bytes(config))
    except IngestReadError:
        return
    assert 0 < width < 2**16
    assert 0 < height < 2**16
    assert codec_string(VideoTrack(codec, bytes(config), width, height)).startswith(codec)


@pytest.mark.parametrize(
    ("config", "track", "name"),
    [
        (AAC, (44100, 2, 1024), "mp4a.40.2"),
        (bits((2, 5), (3, 4), (2, 4), (1, 1)), (48000, 2, 960), "mp4a.40.2"),
        (bits((2, 5), (15, 4), (37000, 24), (1, 4), (0, 3)), (37000, 1, 1024), "mp4a.40.2"),
        (bits((2, 5), (3, 4), (7, 4), (0, 3)), (48000, 8, 1024), "mp4a.40.2"),
        (bits((5, 5), (6, 4), (2, 4), (3, 4), (2, 5), (0, 3)), (24000, 2, 1024), "mp4a.40.5"),
        (bits((29, 5), (6, 4), (1, 4), (15, 4), (48000, 24), (2, 5), (0, 3)), (24000, 1, 1024), "mp4a.40.29"),
    ],
)
def test_audio_configurations_are_read(config: bytes, track: tuple[int, int, int], name: str) -> None:
    read = track_of(config)

    assert read == AudioTrack(config, *track)
    assert isinstance(read, AudioTrack)
    assert codec_string(read) == name


def test_extended_audio_object_types_have_a_codec_string() -> None:
    assert codec_string(AudioTrack(bits((31, 5), (10, 6)), 48000, 2)) == "mp4a.40.42"


def test_ten_bit_and_high_tier_video_have_a_codec_string() -> None:
    assert codec_string(VideoTrack("av01", bytes([0x81, 0x0D, 0xC0, 0]), 1, 1)) == "av01.0.13H.10"
    assert codec_string(VideoTrack("av01", bytes([0x81, 0x4D, 0x60, 0]), 1, 1)) == "av01.2.13M.12"
    hevc = bytes([1, 0x62, 0x20, 0, 0, 0, 0xB0, 0, 0, 0, 0, 0, 153])
    assert codec_string(VideoTrack("hvc1", hevc, 1, 1)) == "hvc1.A2.4.H153.B0"
