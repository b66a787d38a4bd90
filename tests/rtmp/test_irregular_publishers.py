"""Publishers with the timestamps and keyframe intervals of real encoders, and their video."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import m3u8
import pytest

from streaming_app.backend.media.stream_health import advice
from streaming_app.backend.packager.packager import Packager
from streaming_app.backend.packager.server import open_packager
from tests.rig.conditions import until
from tests.rig.ffmpeg import probe, recorded_flv
from tests.rig.rtmp_publisher import AUDIO, VIDEO, Tag, connected, shift, shift_every, tags_of
from tests.rtmp.conftest import Ingest, Owner
from tests.rtmp.test_low_latency import Viewer, whole

SECONDS = 12
FPS = 25
X264_DEFAULT = ("-g", "250", "-keyint_min", "25")
"""A keyframe each 10.4 s at 24 fps."""


@pytest.fixture
async def packager(ingest: Ingest) -> AsyncIterator[Packager]:
    settings = ingest.settings.model_copy(update={"transcode": "off"})
    async with ingest.web(), open_packager(settings) as packager:
        yield packager


@pytest.fixture
def viewer(ingest: Ingest, ada: Owner) -> Viewer:
    return Viewer(ingest.browser, ada)


@pytest.fixture(scope="module")
def steady(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Tag]:
    """Tags with a keyframe each second, and sound."""
    file = tmp_path_factory.mktemp("flv") / "steady.flv"
    return tags_of(recorded_flv(file, seconds=SECONDS, picture=f"testsrc2=s=320x180:r={FPS}", options=("-g", "25")))


async def _publish(ingest: Ingest, owner: Owner, tags: Sequence[Tag]) -> None:
    """Send all tags at once, and leave."""
    async with connected(ingest.settings.rtmp_port) as publisher:
        publisher.publish(owner.stream_key)
        assert await publisher.accepted()
        await publisher.send(tags)
        publisher.leave()


async def _cut(ingest: Ingest, owner: Owner, packager: Packager, tags: Sequence[Tag], viewer: Viewer) -> m3u8.M3U8:
    """Publish all tags, and return the playlist of the result."""
    await _publish(ingest, owner, tags)
    channel = packager.channel(owner.channel.channel_id)
    assert channel is not None
    await until(lambda: bool(channel.window.segments) and channel.window.open_segment is None, "all was cut")
    return await viewer.playlist()


async def _decoded(viewer: Viewer, playlist: m3u8.M3U8, folder: Path) -> dict[str, dict[str, Any]]:
    return await asyncio.to_thread(probe, await whole(viewer, playlist), folder / "whole.mp4")


def _seconds(playlist: m3u8.M3U8) -> float:
    return sum(segment.duration or 0 for segment in playlist.segments if segment.uri)


DAMAGES: dict[str, Callable[[Sequence[Tag]], list[Tag]]] = {
    "sound 20 s ahead": lambda tags: shift(tags, 20_000, kinds={AUDIO}),
    "sound 20 s behind": lambda tags: shift(shift(tags, 30_000), -20_000, kinds={AUDIO}),
    "sound 2 s ahead": lambda tags: shift(tags, 2_000, kinds={AUDIO}),
    "a frame 40 ms back": lambda tags: shift_every(tags, 45, -40),
    "a frame 400 ms back": lambda tags: shift_every(tags, 60, -400),
    "the picture 400 ms back": lambda tags: shift(tags, -400, kinds={VIDEO}, from_ms=6000),
    "everything back to zero": lambda tags: shift(tags, -6000, from_ms=6000),
    "everything a minute on": lambda tags: shift(tags, 60_000, from_ms=6000),
    "more than 24 bits": lambda tags: shift(tags, 0xFFFFFF - 5_000),
    "more than 32 bits": lambda tags: shift(tags, (1 << 32) - 5_000),
}


@pytest.mark.parametrize("damage", DAMAGES)
async def test_wrong_timestamps_lose_no_video_and_little_audio(
    ingest: Ingest, ada: Owner, viewer: Viewer, packager: Packager, steady: Sequence[Tag], tmp_path: Path, damage: str
) -> None:
    playlist = await _cut(ingest, ada, packager, DAMAGES[damage](steady), viewer)

    streams = await _decoded(viewer, playlist, tmp_path)
    assert [segment.discontinuity for segment in playlist.segments] == [False] * len(playlist.segments)
    assert _seconds(playlist) == pytest.approx(SECONDS, abs=0.5)
    assert int(streams["video"]["nb_read_frames"]) == SECONDS * FPS
    assert int(streams["audio"]["nb_read_frames"]) == pytest.approx(SECONDS * 48_000 / 1024, abs=12)
    assert float(streams["audio"]["start_time"]) == pytest.approx(float(streams["video"]["start_time"]), abs=0.5)


@pytest.mark.parametrize("shift_ms", [20_000, -20_000])
async def test_an_audio_offset_is_reported_while_it_lasts(
    ingest: Ingest, ada: Owner, packager: Packager, steady: Sequence[Tag], shift_ms: int
) -> None:
    channel_id = ada.channel.channel_id
    async with connected(ingest.settings.rtmp_port) as publisher:
        publisher.publish(ada.stream_key)
        assert await publisher.accepted()
        sending = asyncio.create_task(publisher.send(shift(shift(steady, 30_000), shift_ms, kinds={AUDIO})))

        def words() -> str:
            health = packager.health(channel_id)
            return " ".join(advice(health)) if health else ""

        where = "20 s ahead of" if shift_ms > 0 else "20 s behind"
        await until(lambda: f"The sound is {where} the picture" in words(), "it was said")
        await sending


@pytest.mark.parametrize(
    ("picture", "options", "frames", "seconds"),
    [
        ("testsrc2=s=320x180:r=24", X264_DEFAULT, 32 * 24, 32),
        ("testsrc2=s=320x180:r=15", ("-g", "435", "-keyint_min", "435"), 40 * 15, 40),
        ("testsrc2=s=320x180:r=1/5", ("-g", "1", "-r", "0.2"), 8, 40),
        ("testsrc2=s=320x180:r=1/5", ("-g", "3", "-r", "0.2"), 8, 40),
        ("testsrc2=s=320x180:r=2", ("-g", "4"), 40, 20),
    ],
)
async def test_distant_keyframes_and_slides_are_packaged_completely(
    ingest: Ingest,
    ada: Owner,
    viewer: Viewer,
    packager: Packager,
    tmp_path: Path,
    picture: str,
    options: Sequence[str],
    frames: int,
    seconds: float,
) -> None:
    file = tmp_path / "published.flv"
    flv = await asyncio.to_thread(recorded_flv, file, seconds=seconds, picture=picture, options=options)

    playlist = await _cut(ingest, ada, packager, tags_of(flv), viewer)

    streams = await _decoded(viewer, playlist, tmp_path)
    assert [segment.discontinuity for segment in playlist.segments] == [False] * len(playlist.segments)
    assert int(streams["video"]["nb_read_frames"]) == frames
    assert int(streams["audio"]["nb_read_frames"]) == pytest.approx(seconds * 48_000 / 1024, abs=12)
    assert _seconds(playlist) == pytest.approx(seconds, abs=0.6)
    assert max(segment.duration or 0 for segment in playlist.segments) < (playlist.target_duration or 0) + 0.5


async def test_a_burst_of_buffered_frames_gives_each_segment_its_own_date(
    ingest: Ingest, ada: Owner, viewer: Viewer, packager: Packager, steady: Sequence[Tag]
) -> None:
    async with connected(ingest.settings.rtmp_port) as publisher:
        publisher.publish(ada.stream_key)
        assert await publisher.accepted()
        await publisher.send([tag for tag in steady if tag.at_ms < 8000], burst_seconds=5)
        playlist = await viewer.until_segments(6)

    segments = [segment for segment in playlist.segments if segment.uri]
    dates = [segment.program_date_time.timestamp() for segment in segments if segment.program_date_time]
    steps = [b - a for a, b in pairwise(dates)]
    assert len(dates) == len(segments)
    assert steps == pytest.approx([segment.duration for segment in segments[:-1]], abs=0.01)


async def test_low_latency_is_not_offered_without_keyframes_and_this_is_reported(
    ingest: Ingest, ada: Owner, viewer: Viewer, packager: Packager, tmp_path: Path
) -> None:
    channel_id = ada.channel.channel_id
    endless = ("-g", "2000", "-keyint_min", "2000")
    picture = "testsrc2=s=320x180:r=15"
    flv = await asyncio.to_thread(recorded_flv, tmp_path / "endless.flv", seconds=36, picture=picture, options=endless)
    async with connected(ingest.settings.rtmp_port) as publisher:
        publisher.publish(ada.stream_key)
        assert await publisher.accepted()
        await publisher.send(tags_of(flv))

        def words() -> list[str]:
            health = packager.health(channel_id)
            return advice(health) if health else []

        await until(lambda: any(said.startswith("No keyframe for 30 s") for said in words()), "it was said")
        assert (await viewer.get("index.m3u8")).status_code == 302  # to plain HLS
        assert (await viewer.get("source/index.m3u8")).status_code == 404
