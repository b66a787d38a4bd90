"""Frames in real time through nginx: real publishers, the packager, and websockets at the front door."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path

import pytest
from picows import WSInvalidStatusError

from streaming_app.backend.media.frame_fragments import MessageKind
from streaming_app.backend.packager.packager import Packager
from streaming_app.backend.packager.realtime.room import CloseReason
from streaming_app.backend.packager.server import open_packager
from tests.rig.conditions import until_async
from tests.rig.ffmpeg import probe
from tests.rig.realtime_client import RealtimeClient, decoding_time, watching
from tests.rtmp.conftest import Ingest, Owner

VIDEO = (MessageKind.KEYFRAME, MessageKind.VIDEO)
ALL_VIDEO = (MessageKind.VIDEO_INIT, *VIDEO)
ALL_AUDIO = (MessageKind.AUDIO_INIT, MessageKind.AUDIO)
FRAMES = 60


@pytest.fixture
async def packager(ingest: Ingest) -> AsyncIterator[Packager]:
    settings = ingest.settings.model_copy(update={"transcode_max": 1})
    async with ingest.web(), open_packager(settings) as packager:
        yield packager


@pytest.fixture
async def source_alone(ingest: Ingest) -> AsyncIterator[Packager]:
    """A packager without a ladder."""
    settings = ingest.settings.model_copy(update={"transcode": "off"})
    async with ingest.web(), open_packager(settings) as packager:
        yield packager


@asynccontextmanager
async def _viewer(ingest: Ingest, owner: Owner, rendition: str = "source") -> AsyncGenerator[RealtimeClient]:
    """Connect as soon as the rendition exists."""
    path = f"/rt/{owner.channel.channel_id}/{rendition}"

    async def exists() -> bool:
        try:
            async with watching(ingest.settings.http_port, path):
                return True
        except WSInvalidStatusError:
            return False

    await until_async(exists, f"{path} existed")
    async with watching(ingest.settings.http_port, path) as client:
        yield client


@pytest.mark.usefixtures("source_alone")
async def test_each_frame_of_a_publisher_is_decoded(ingest: Ingest, ada: Owner, tmp_path: Path) -> None:
    ingest.publish(ada.stream_key)

    async with _viewer(ingest, ada) as viewer:
        await viewer.until(lambda: viewer.videos >= FRAMES)

    video = probe(b"".join(viewer.of(*ALL_VIDEO)), tmp_path / "video.mp4")["video"]
    audio = probe(b"".join(viewer.of(*ALL_AUDIO)), tmp_path / "audio.mp4")["audio"]
    assert (video["codec_name"], audio["codec_name"]) == ("h264", "aac")
    assert int(video["nb_read_frames"]) == viewer.videos
    assert int(audio["nb_read_frames"]) == len(viewer.of(MessageKind.AUDIO))
    assert viewer.descriptions[0]["video"].startswith("avc1.")
    assert (viewer.descriptions[0]["width"], viewer.descriptions[0]["height"]) == (640, 360)
    assert viewer.descriptions[0]["audio"] == "mp4a.40.2"


@pytest.mark.usefixtures("source_alone")
async def test_b_frames_keep_their_timestamps(ingest: Ingest, ada: Owner, tmp_path: Path) -> None:
    ingest.publish(ada.stream_key, "-bf", "2")

    async with _viewer(ingest, ada) as viewer:
        await viewer.until(lambda: viewer.videos >= FRAMES)

    video = probe(b"".join(viewer.of(*ALL_VIDEO)), tmp_path / "video.mp4")["video"]
    assert video["has_b_frames"] == 2
    assert int(video["nb_read_frames"]) == viewer.videos


@pytest.mark.usefixtures("source_alone")
@pytest.mark.parametrize(("without", "kinds"), [("-an", set(ALL_VIDEO)), ("-vn", set(ALL_AUDIO))])
async def test_picture_or_sound_alone_is_sent(
    ingest: Ingest, ada: Owner, without: str, kinds: set[MessageKind]
) -> None:
    ingest.publish(ada.stream_key, without)

    async with _viewer(ingest, ada) as viewer:
        await viewer.until(lambda: len(viewer.messages) > FRAMES)

    assert set(viewer.kinds) == kinds
    assert bool(viewer.descriptions[0]["video"]) is (without == "-an")


@pytest.mark.usefixtures("source_alone")
async def test_a_viewer_who_comes_late_gets_a_long_group_of_pictures_from_its_keyframe(
    ingest: Ingest, ada: Owner, tmp_path: Path
) -> None:
    ingest.publish(ada.stream_key, "-g", "600", "-keyint_min", "600")
    async with _viewer(ingest, ada) as first:
        await first.until(lambda: first.videos >= 3 * FRAMES)

        async with _viewer(ingest, ada) as late:
            await late.until(lambda: late.videos >= 3 * FRAMES)

    assert late.of(*VIDEO)[: 3 * FRAMES] == first.of(*VIDEO)[: 3 * FRAMES], "both get the same bytes"
    assert late.kinds.count(MessageKind.KEYFRAME) == 1
    probe(b"".join(late.of(*ALL_VIDEO)), tmp_path / "video.mp4")


@pytest.mark.usefixtures("source_alone")
async def test_a_returning_publisher_with_another_size_begins_a_new_period(
    ingest: Ingest, ada: Owner, tmp_path: Path
) -> None:
    first = ingest.publish(ada.stream_key)
    async with _viewer(ingest, ada) as viewer:
        await viewer.until(lambda: viewer.videos >= FRAMES)
        first.kill()
        ingest.publish(ada.stream_key, "-s", "320x180")

        await viewer.until(lambda: len(viewer.descriptions) == 2 and viewer.kinds[-1] in VIDEO)
        before = viewer.videos
        await viewer.until(lambda: viewer.videos >= before + FRAMES)

    second = len(viewer.kinds) - 1 - viewer.kinds[::-1].index(MessageKind.VIDEO_INIT)
    again = [message for message in viewer.messages[second:] if message[0] in ALL_VIDEO]
    assert [description["width"] for description in viewer.descriptions] == [640, 320]
    assert again[1][0] == MessageKind.KEYFRAME
    assert probe(b"".join(message[1:] for message in again), tmp_path / "again.mp4")["video"]["width"] == 320
    for kinds in (VIDEO, (MessageKind.AUDIO,)):
        times = [decoding_time(message) for message in viewer.of(*kinds)]
        assert times == sorted(set(times)), "the clock goes on"


@pytest.mark.usefixtures("packager")
async def test_a_smaller_rendition_has_the_times_of_the_source(ingest: Ingest, ada: Owner, tmp_path: Path) -> None:
    ingest.publish(ada.stream_key)
    async with _viewer(ingest, ada) as source, _viewer(ingest, ada, "240p") as small:
        await small.until(lambda: small.videos >= FRAMES)
        newest = decoding_time(small.of(*VIDEO)[-1])
        await source.until(lambda: decoding_time(source.of(*VIDEO)[-1]) >= newest)

    video = probe(b"".join(small.of(*ALL_VIDEO)), tmp_path / "small.mp4")["video"]
    probe(b"".join(small.of(*ALL_AUDIO)), tmp_path / "audio.mp4")
    assert video["height"] == 240
    assert int(video["nb_read_frames"]) == small.videos
    common = max(decoding_time(client.of(*VIDEO)[0]) for client in (source, small))
    times = [
        [at for frame in client.of(*VIDEO) if common <= (at := decoding_time(frame)) <= newest]
        for client in (source, small)
    ]
    assert times[0] == times[1]
    for client in (source, small):
        renditions = client.choices[-1]["renditions"]
        assert [(each["name"], each["width"], each["height"]) for each in renditions] == [
            ("source", 640, 360),
            ("240p", 426, 240),
        ]
        assert all(each["bitrate"] > 0 for each in renditions)


@pytest.mark.usefixtures("source_alone")
async def test_viewers_are_disconnected_when_the_stream_has_ended(ingest: Ingest, ada: Owner) -> None:
    encoder = ingest.publish(ada.stream_key)
    async with _viewer(ingest, ada) as viewer:
        await viewer.until(lambda: viewer.videos)
        encoder.stop()

        await viewer.until(lambda: viewer.is_disconnected)

    assert viewer.close_code == CloseReason.ENDED


@pytest.mark.usefixtures("source_alone")
async def test_a_hidden_channel_is_not_found(ingest: Ingest, ada: Owner) -> None:
    ingest.publish(ada.stream_key)
    channel_id = ada.channel.channel_id
    async with _viewer(ingest, ada) as viewer:
        await viewer.until(lambda: viewer.videos)
    hidden = ingest.settings.data_dir / "hidden"
    hidden.mkdir(exist_ok=True)

    (hidden / channel_id).touch()

    with pytest.raises(WSInvalidStatusError) as refused:
        async with watching(ingest.settings.http_port, f"/rt/{channel_id}/source"):
            pass
    assert refused.value.response is not None
    assert refused.value.response.status == HTTPStatus.NOT_FOUND
    assert (await ingest.browser.get(f"/rt/{channel_id}/source")).status_code == HTTPStatus.NOT_FOUND
    assert (await ingest.browser.get("/rt/")).status_code == HTTPStatus.NOT_FOUND
