"""Smaller renditions of a real stream, made by a real ffmpeg and cut at the same frames as the source."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import m3u8
import psutil
import pytest

from streaming_app.backend.packager.packager import Packager
from streaming_app.backend.packager.server import open_packager
from tests.rig.conditions import until, until_async
from tests.rig.ffmpeg import probe
from tests.rig.processes import descendants
from tests.rtmp.conftest import Ingest, Owner
from tests.rtmp.test_low_latency import Viewer, numbers, whole


@pytest.fixture
async def packager(ingest: Ingest) -> AsyncIterator[Packager]:
    settings = ingest.settings.model_copy(update={"transcode_max": 1})
    async with ingest.web(), open_packager(settings) as packager:
        yield packager


@pytest.fixture
def viewer(ingest: Ingest, ada: Owner) -> Viewer:
    return Viewer(ingest.browser, ada)


def _transcoders() -> list[psutil.Process]:
    return descendants(os.getpid(), lambda process: process.name() == "ffmpeg" and "pipe:0" in process.cmdline())


async def _offered(viewer: Viewer) -> list[str]:
    return [str(playlist.uri) for playlist in m3u8.loads((await viewer.get("index.m3u8")).text).playlists]


@pytest.mark.usefixtures("packager")
async def test_a_stream_is_offered_in_smaller_renditions_with_the_same_segments(
    ingest: Ingest, ada: Owner, viewer: Viewer, tmp_path: Path
) -> None:
    ingest.publish(ada.stream_key)
    small = Viewer(ingest.browser, ada, "240p")
    made = await small.until_segments(3)
    source = await viewer.playlist()

    streams = probe(await whole(small, made), tmp_path / "small.mp4")

    assert await _offered(viewer) == ["source/index.m3u8", "240p/index.m3u8"]
    assert (streams["video"]["width"], streams["video"]["height"]) == (426, 240)
    assert streams["audio"]["codec_name"] == "aac"
    assert set(numbers(made)) <= set(numbers(source))
    at = {s.uri: (s.program_date_time, s.duration) for s in source.segments if s.uri}
    for segment in made.segments:
        if segment.uri:
            date, seconds = at[segment.uri]
            assert segment.program_date_time == date
            assert segment.duration == pytest.approx(seconds, abs=0.04)
    assert made.discontinuity_sequence == source.discontinuity_sequence


@pytest.mark.usefixtures("packager")
async def test_playlists_have_rendition_reports_of_each_other(ingest: Ingest, ada: Owner, viewer: Viewer) -> None:
    ingest.publish(ada.stream_key)
    small = Viewer(ingest.browser, ada, "240p")
    await small.until_segments(1)

    assert [report.uri for report in (await viewer.playlist()).rendition_reports] == ["../240p/index.m3u8"]
    assert [report.uri for report in (await small.playlist()).rendition_reports] == ["../source/index.m3u8"]


@pytest.mark.usefixtures("packager")
async def test_a_stream_above_the_limit_of_transcoders_has_no_smaller_renditions(
    ingest: Ingest, ada: Owner, bob: Owner, viewer: Viewer, packager: Packager
) -> None:
    ingest.publish(ada.stream_key)
    await Viewer(ingest.browser, ada, "240p").until_segments(1)
    ingest.publish(bob.stream_key)
    other = Viewer(ingest.browser, bob)
    await other.until_segments(1)

    health = packager.health(bob.channel.channel_id)

    assert await _offered(other) == ["source/index.m3u8"]
    assert health is not None
    assert health.ladder_issue.startswith("Your stream has no lower qualities")
    assert len(_transcoders()) == 1


@pytest.mark.usefixtures("packager")
async def test_the_source_rendition_continues_if_a_transcoder_dies(
    ingest: Ingest, ada: Owner, viewer: Viewer, packager: Packager
) -> None:
    ingest.publish(ada.stream_key)
    small = Viewer(ingest.browser, ada, "240p")
    await small.until_segments(1)

    [transcoder] = _transcoders()
    transcoder.kill()

    async def only_source() -> bool:
        return await _offered(viewer) == ["source/index.m3u8"]

    await until_async(only_source, "only the source was offered")
    health = packager.health(ada.channel.channel_id)
    assert health is not None
    assert "no lower qualities" in health.ladder_issue
    assert (await small.get("240p/index.m3u8")).status_code == 404
    await viewer.until_segments(1, after=numbers(await viewer.playlist())[-1])


@pytest.mark.usefixtures("packager")
async def test_a_slow_transcoder_is_stopped_and_reported(
    ingest: Ingest, ada: Owner, viewer: Viewer, packager: Packager
) -> None:
    ingest.publish(ada.stream_key)
    await Viewer(ingest.browser, ada, "240p").until_segments(1)

    [transcoder] = _transcoders()
    transcoder.suspend()

    def said() -> bool:
        health = packager.health(ada.channel.channel_id)
        return health is not None and "can't keep up" in health.ladder_issue

    await until(said, "it was said that the machine cannot keep up")
    await until(lambda: not _transcoders(), "the transcoder was gone")


@pytest.mark.usefixtures("packager")
async def test_a_returning_publisher_has_its_renditions_again(ingest: Ingest, ada: Owner, viewer: Viewer) -> None:
    first = ingest.publish(ada.stream_key)
    small = Viewer(ingest.browser, ada, "240p")
    before = numbers(await small.until_segments(2))
    first.kill()
    ingest.publish(ada.stream_key)

    made = await small.until_segments(2, after=before[-1] + 1)

    source = await viewer.playlist()
    assert [segment.discontinuity for segment in made.segments].count(True) == 1
    assert made.discontinuity_sequence == source.discontinuity_sequence


@pytest.mark.usefixtures("packager")
async def test_a_publisher_who_returns_without_video_has_no_smaller_renditions(
    ingest: Ingest, ada: Owner, viewer: Viewer
) -> None:
    first = ingest.publish(ada.stream_key)
    small = Viewer(ingest.browser, ada, "240p")
    await small.until_segments(1)
    before = numbers(await viewer.playlist())[-1]
    first.kill()
    ingest.publish(ada.stream_key, "-vn")

    await viewer.until_segments(1, after=before + 1)

    assert await _offered(viewer) == ["source/index.m3u8"]
    assert (await small.get("240p/index.m3u8")).status_code == 404


async def test_no_transcoder_outlives_the_packager(ingest: Ingest, ada: Owner) -> None:
    settings = ingest.settings.model_copy(update={"transcode_max": 1})
    async with ingest.web(), open_packager(settings):
        ingest.publish(ada.stream_key)
        await Viewer(ingest.browser, ada, "240p").until_segments(1)
        assert len(_transcoders()) == 1

    assert _transcoders() == []
