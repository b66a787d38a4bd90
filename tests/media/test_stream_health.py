"""Messages to the streamer about the health of the stream."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from streaming_app.backend.media.flv_pipe import FlvPipeReader
from streaming_app.backend.media.ingest_meter import HISTORY_SECONDS, IngestMeter
from streaming_app.backend.media.stream_health import IngestHealth, advice, delay_advice
from streaming_app.backend.media.tracks import AudioFrame, Media, Unsupported, VideoFrame, VideoTrack
from streaming_app.backend.media.x264_settings import held_frames
from tests.rig.ffmpeg import recorded_flv
from tests.rig.media_frames import AUDIO, VIDEO, both, video

BEGAN = 1_800_000_000


def _health(
    medias: Sequence[Media], *, seconds: float, late_from: float = 1e9, late_seconds: float = 0.0
) -> IngestHealth:
    meter = IngestMeter()
    for media in medias:
        at = media.dts_ms / 1000 if isinstance(media, VideoFrame | AudioFrame) else 0.0
        meter.feed(media, BEGAN + at + (late_seconds if at >= late_from else 0.0))
    return meter.health(BEGAN + seconds)


def test_a_steady_stream_is_reported_with_bitrate_and_frame_rate() -> None:
    frames = [VideoFrame(f.dts_ms, 0, f.is_key, bytes(12_500)) for f in video(10)]

    health = _health([VIDEO, AUDIO, *frames], seconds=10)

    assert (health.width, health.height, health.video_codec) == (640, 360, "avc1")
    assert (health.sample_rate, health.channels, health.audio_codec) == (48_000, 2, "aac")
    assert health.frames_per_second == 30
    assert health.kbps == 3000
    assert health.key_interval_seconds == 1
    assert (health.b_frame_delay_ms, health.held_frames, health.burst_seconds) == (0, 0, 0)
    assert [second.frames for second in health.history] == [30] * 10
    assert advice(health) == delay_advice(health) == []


def test_seconds_without_frames_are_part_of_the_history() -> None:
    health = _health(both(3), seconds=8)

    assert [second.frames for second in health.history] == [30, 30, 30, 0, 0, 0, 0, 0]
    assert health.frames_per_second == 0


def test_the_history_is_bounded_after_any_pause() -> None:
    assert len(_health(both(3), seconds=10_000_000).history) == HISTORY_SECONDS


def test_repeated_disconnections_are_counted_for_five_minutes() -> None:
    meter = IngestMeter()
    for at in (BEGAN, BEGAN + 10, BEGAN + 20):
        meter.on_disconnect(9_000, at)

    soon, later = meter.health(BEGAN + 30), meter.health(BEGAN + 20 + HISTORY_SECONDS)

    assert (soon.disconnects, later.disconnects) == (3, 0)
    assert any("connection ended 3 times in five minutes" in words for words in advice(soon))
    assert not any("connection ended" in words for words in advice(later))


@pytest.mark.parametrize(("last_ms", "count"), [(16_770_000, 0), (16_777_400, 1), (16_790_000, 0)])
def test_a_disconnection_at_the_24_bit_timestamp_limit_is_explained(last_ms: int, count: int) -> None:
    meter = IngestMeter()

    meter.on_disconnect(last_ms, BEGAN)

    words = advice(meter.health(BEGAN + 1))
    assert sum("when its timestamps passed 4 h 39 min" in line for line in words) == count


def test_a_returning_publisher_with_another_clock_is_not_late() -> None:
    meter = IngestMeter()
    for media in both(5):
        meter.feed(media, BEGAN + (media.dts_ms / 1000 if isinstance(media, VideoFrame | AudioFrame) else 0))
    meter.restart()
    for frame in video(3):
        meter.feed(frame, BEGAN + 100 + frame.dts_ms / 1000)

    health = meter.health(BEGAN + 103)

    assert health.late_seconds == 0
    assert health.key_interval_seconds == 1
    assert len(health.history) == 103


def test_tracks_of_the_previous_publisher_are_dropped() -> None:
    meter = IngestMeter()
    for media in both(5):
        meter.feed(media, BEGAN)
    meter.restart()
    meter.feed(VIDEO, BEGAN + 6)
    for frame in video(3):
        meter.feed(frame, BEGAN + 6 + frame.dts_ms / 1000)

    health = meter.health(BEGAN + 9)

    assert (health.audio_codec, health.sample_rate, health.channels) == ("", 0, 0)
    assert health.video_codec == "avc1"
    assert [words for words in advice(health) if words.startswith("There is no audio.")]
    meter.restart()
    assert meter.health(BEGAN + 10).video_codec == ""


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ([Unsupported("MP3", "audio"), AUDIO], []),
        ([Unsupported("MP3", "audio"), VIDEO], ["MP3"]),
        ([Unsupported("VP6", "video"), Unsupported("MP3", "audio"), VIDEO], ["MP3"]),
        ([Unsupported("multitrack", "extra"), VIDEO, AUDIO], ["multitrack"]),
        ([Unsupported("MP3", "audio"), Unsupported("Speex", "audio")], ["Speex"]),
    ],
)
def test_unsupported_media_is_reported_until_a_supported_track_replaces_it(
    said: Sequence[Media], kept: Sequence[str]
) -> None:
    meter = IngestMeter()
    for media in [*said, *video(3)]:
        meter.feed(media, BEGAN)

    assert [unsupported.reason for unsupported in meter.health(BEGAN + 3).unsupported] == kept


def test_unsupported_audio_is_not_also_reported_as_missing() -> None:
    medias = [VIDEO, Unsupported("The encoder sends MP3 audio: set the audio codec to AAC.", "audio"), *video(5)]

    assert advice(_health(medias, seconds=5)) == ["The encoder sends MP3 audio: set the audio codec to AAC."]


@pytest.mark.parametrize(("profile", "name"), [(110, "10-bit"), (122, "4:2:2"), (244, "4:4:4")])
def test_a_poorly_supported_colour_format_is_reported_with_a_recommendation(profile: int, name: str) -> None:
    rare = VideoTrack("avc1", bytes([1, profile, 0, 30]), 640, 360)

    [said] = advice(_health([rare, AUDIO, *video(5)], seconds=5))

    assert f"the color format {name}" in said
    assert "NV12" in said


@pytest.mark.parametrize(("seconds", "words"), [(20.0, "20 s ahead of the picture"), (-2.0, "2 s behind the picture")])
def test_an_audio_offset_is_reported_in_seconds(seconds: float, words: str) -> None:
    [said] = advice(IngestHealth("avc1", audio_codec="aac", audio_ahead_seconds=seconds))

    assert words in said


def test_audio_that_cannot_be_synchronised_is_reported() -> None:
    [said] = advice(IngestHealth("avc1", audio_codec="aac", drops_audio=True))

    assert said.startswith("The audio can't be played")


@pytest.mark.parametrize(
    ("medias", "words"),
    [
        ([VIDEO, AUDIO, *video(40, gop_seconds=10)], "Set the keyframe interval to 2 s: yours is 10 s,"),
        ([VIDEO, *video(5)], "There is no audio."),
        ([AUDIO, *both(5)[2:]][:1] + [f for f in both(5) if isinstance(f, AudioFrame)], "There is no video."),
        ([VideoTrack("hvc1", b"", 640, 360), AUDIO, *video(5)], "Not every browser plays this video format."),
    ],
)
def test_each_problem_has_advice(medias: Sequence[Media], words: str) -> None:
    [said] = advice(_health(medias, seconds=5))

    assert said.startswith(words)


def test_b_frames_are_reported_with_their_delay() -> None:
    health = _health([VIDEO, AUDIO, *video(5, cts_ms=66)], seconds=5)

    [said] = delay_advice(health)

    assert said.startswith("B-frames delay the picture by 0.07 s.")


@pytest.mark.parametrize(("late_seconds", "said"), [(0.2, []), (0.4, ["up to 0.4 s apart"])])
def test_frames_that_arrive_in_bursts_are_reported(late_seconds: float, said: list[str]) -> None:
    meter = IngestMeter()
    for frame in video(20):
        waits = late_seconds * (1 - frame.dts_ms % 500 / 500)  # all frames of half a second arrive together
        meter.feed(frame, BEGAN + frame.dts_ms / 1000 + waits)

    words = delay_advice(meter.health(BEGAN + 20))

    assert len(words) == len(said)
    assert all(part in line for part, line in zip(said, words, strict=True))


def test_one_late_second_is_not_a_burst() -> None:
    health = _health([VIDEO, *video(20)], seconds=20, late_from=19.5, late_seconds=1)

    assert health.burst_seconds == 0


def _encoded(file: Path, *options: str) -> IngestHealth:
    """Return the measurements of what x264 encodes with these options, at 30 fps."""
    frames = list(FlvPipeReader(0).feed(recorded_flv(file, seconds=4, options=("-an", *options))))
    return _health(frames, seconds=4)


def test_the_delay_in_a_real_encoder_is_reported(tmp_path: Path) -> None:
    options = ("-preset", "veryfast", "-tune", "film", "-bf", "2", "-threads", "4")

    health = _encoded(tmp_path / "slow.flv", *options)

    held, b_frames = delay_advice(health)
    assert health.held_frames == 13, "look-ahead of ten frames, and three more threads"
    assert held.startswith("Your encoder (x264) collects 13 frames before it sends the first of them: 0.4 s of delay.")
    assert b_frames.startswith("B-frames delay the picture by 0.1")


@pytest.mark.parametrize("rate", [(), ("-maxrate", "600k", "-bufsize", "600k")])
def test_a_real_encoder_that_is_tuned_for_zero_latency_gets_no_advice(tmp_path: Path, rate: tuple[str, ...]) -> None:
    health = _encoded(tmp_path / "fast.flv", "-preset", "veryfast", "-threads", "4", *rate)

    assert health.frames_per_second == 30
    assert delay_advice(health) == []


@pytest.mark.parametrize(
    ("keyframe", "held"),
    [
        (b"", None),
        (bytes(5_000) + b"x264 - core 164 rc_lookahead=40", None),
        (b"\0x264 - core 164 r1", 0),
        (b"\0x264 - core 164 threads=0 rc_lookahead=40 rc_lookahead=99999999\0 rc_lookahead=7", 40),
    ],
)
def test_settings_of_unusual_encoders_are_read_without_errors(keyframe: bytes, held: int | None) -> None:
    assert held_frames(keyframe) == held


def test_a_slow_upload_is_the_first_advice() -> None:
    health = _health([VIDEO, *video(10)], seconds=13, late_from=8, late_seconds=3)

    assert health.late_seconds == 3
    assert advice(health)[0].startswith("Your stream arrives 3 s late")
    assert "or the server is busy" in advice(health)[0]


def test_a_too_high_bitrate_is_reported_with_its_value() -> None:
    assert advice(IngestHealth("avc1", kbps=9000, audio_codec="aac"))[0].startswith("9,000 kbit/s is more than many")


def test_there_is_no_advice_before_media_arrives() -> None:
    assert advice(IngestMeter().health(BEGAN)) == []
