"""The live window as the recorder requests it, over a real connection."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import m3u8
import pytest
from fastapi import FastAPI, Response

from streaming_app.backend.adapters.packager_client import HttpPackagerClient
from streaming_app.backend.media.ports import PackagerUnavailableError
from streaming_app.backend.media.window_snapshot import WindowSnapshot
from streaming_app.backend.packager.live_channel import LiveChannel
from streaming_app.backend.packager.packager import Packager
from tests.rig.conditions import until
from tests.rig.media_frames import both
from tests.rig.ports import HOST, free_port
from tests.rig.rtmp_bytes import ignore
from tests.rig.scripted_publisher import Publisher
from tests.rig.serving import serving

SEGMENT_OF_ANOTHER_FOLDER = """
{"segments": [{
  "number": 1, "seconds": 2, "starts_at": "2026-11-25T12:00:00Z", "init_file": "../x.mp4", "is_discontinuity": false
}]}
"""
MILLISECOND = timedelta(milliseconds=1)


@pytest.fixture
async def channel(packager: Packager) -> LiveChannel:
    packager.on_publish("c1", ignore)
    channel = packager.channel("c1")
    assert channel is not None
    return channel


async def test_the_window_has_the_segments_of_the_playlist(
    client: httpx.AsyncClient, channel: LiveChannel, publisher: Publisher
) -> None:
    publisher.send(both(3.5))
    await until(lambda: channel.window.newest[1] == 2, "three and a half seconds were cut")
    publisher.leave()
    await until(lambda: len(publisher.played) == 2, "the packager played the channel again")
    publisher.send(both(3.5))
    await until(lambda: channel.window.newest[1] == 2, "another three and a half seconds were cut")

    window = await HttpPackagerClient(client).window("c1")

    playlist = m3u8.loads((await client.get("/ll/c1/source/index.m3u8")).text)
    listed = [segment for segment in playlist.segments if segment.uri]
    inits = [segment.init_section.uri for segment in listed if segment.init_section]
    assert len(listed) == 7
    assert [segment.name for segment in window.segments] == [segment.uri for segment in listed]
    assert [segment.init_file for segment in window.segments] == inits
    assert [segment.is_discontinuity for segment in window.segments] == [s.discontinuity for s in listed]
    assert [segment.seconds for segment in window.segments] == pytest.approx([s.duration for s in listed], abs=1e-5)
    for segment, of_playlist in zip(window.segments, listed, strict=True):
        assert of_playlist.program_date_time is not None
        assert timedelta(0) <= segment.starts_at - of_playlist.program_date_time < MILLISECOND
    assert window.open_since is not None
    last = window.segments[-1]
    assert abs(window.open_since - last.starts_at - timedelta(seconds=last.seconds)) < MILLISECOND


async def test_the_window_is_returned_before_the_first_segment_is_complete(
    client: httpx.AsyncClient, channel: LiveChannel, publisher: Publisher
) -> None:
    publisher.send(both(0.5))
    await until(lambda: channel.window.newest[1] == 2, "two parts were cut")

    window = await HttpPackagerClient(client).window("c1")

    assert window.segments == ()
    assert window.open_since is not None


async def test_the_window_has_no_unfinished_segment_after_the_publisher_has_left(
    client: httpx.AsyncClient, channel: LiveChannel, publisher: Publisher
) -> None:
    publisher.send(both(2.5))
    publisher.leave()
    await until(lambda: len(publisher.played) == 2, "the packager played the channel again")

    window = await HttpPackagerClient(client).window("c1")

    assert len(window.segments) == 3
    assert window.open_since is None


async def test_the_window_of_a_channel_that_is_not_live_is_empty(client: httpx.AsyncClient) -> None:
    assert await HttpPackagerClient(client).window("c1") == WindowSnapshot()


@pytest.fixture
async def nobody() -> AsyncIterator[HttpPackagerClient]:
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{free_port()}", trust_env=False) as client:
        yield HttpPackagerClient(client)


async def test_a_stopped_packager_is_unavailable(nobody: HttpPackagerClient) -> None:
    with pytest.raises(PackagerUnavailableError):
        await nobody.window("c1")


@pytest.mark.parametrize(
    "document",
    [
        "nonsense",
        '{"segments": [{"number": 1}]}',
        SEGMENT_OF_ANOTHER_FOLDER,
    ],
    ids=["no JSON", "fields are missing", "a file of another folder"],
)
async def test_an_invalid_answer_is_not_used(document: str, port: int) -> None:
    application = FastAPI()

    @application.get("/window/c1")
    async def window() -> Response:
        return Response(document, media_type="application/json")

    async with (
        serving(application, port),
        httpx.AsyncClient(base_url=f"http://{HOST}:{port}", trust_env=False) as client,
    ):
        with pytest.raises(PackagerUnavailableError):
            await HttpPackagerClient(client).window("c1")
