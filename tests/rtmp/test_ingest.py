"""The contract of the ingest, for nginx with a real publisher and for the fake of the unit tests."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI, Request, Response

from streaming_app.backend.adapters.nginx_client import open_ingest
from streaming_app.backend.streams.ports import Ingest, IngestUnavailableError
from streaming_app.backend.supervisor import supervise
from tests.rig import ffmpeg
from tests.rig.conditions import until, until_async
from tests.rig.fake_ingest import FakeIngest
from tests.rig.nginx import nginx_settings
from tests.rig.serving import serving


@dataclass
class Connected:
    """An ingest to which ``c1`` publishes as client ``client_id``, and a way to stop it."""

    ingest: Ingest
    client_id: str
    take_down: Callable[[], Awaitable[None]]


@pytest.fixture
async def fake() -> Connected:
    ingest = FakeIngest()
    ingest.connected["c1"] = "1"

    async def take_down() -> None:
        ingest.is_up = False

    return Connected(ingest, "1", take_down)


@pytest.fixture
async def real(tmp_path: Path) -> AsyncIterator[Connected]:
    settings = nginx_settings(tmp_path)
    let_in: list[str] = []
    app = FastAPI()

    @app.post("/rtmp/{call}")
    async def callback(call: str, request: Request) -> Response:
        form = dict(reversed([field.split("=", 1) for field in (await request.body()).decode().split("&")]))
        if call == "on_publish":
            let_in.append(form["clientid"])
        return Response(status_code=204)

    nginx = supervise(settings)
    await nginx.__aenter__()
    is_up = True

    async def take_down() -> None:
        nonlocal is_up
        if is_up:
            is_up = False
            await nginx.__aexit__(None, None, None)

    async with serving(app, settings.web_port), open_ingest(settings) as ingest:
        url = f"rtmp://127.0.0.1:{settings.rtmp_port}/live/c1?key=secret"
        with ffmpeg.publishing(url, tmp_path / "ffmpeg.log"):
            await until(lambda: bool(let_in), "the publisher was let in")
            yield Connected(ingest, let_in[0], take_down)
        await take_down()


@pytest.fixture(params=["fake", "real"])
def connected(request: pytest.FixtureRequest) -> Connected:
    fixture = request.getfixturevalue(request.param)
    assert isinstance(fixture, Connected)
    return fixture


async def _shown(connected: Connected) -> None:
    async def is_shown() -> bool:
        return "c1" in await connected.ingest.publishers()

    await until_async(is_shown, "the ingest showed the publisher")


async def test_publishers_are_listed_with_the_client_id_of_the_callbacks(connected: Connected) -> None:
    await _shown(connected)

    assert await connected.ingest.publishers() == {"c1": connected.client_id}


async def test_a_dropped_publisher_is_disconnected(connected: Connected) -> None:
    await _shown(connected)

    await connected.ingest.drop("c1")

    async def is_gone() -> bool:
        return await connected.ingest.publishers() == {}

    await until_async(is_gone, "the publisher was gone")


async def test_dropping_an_unknown_publisher_disconnects_no_one(connected: Connected) -> None:
    await _shown(connected)

    for channel_id in ("c2", "c", "c1&name=c1", "../c1", ""):
        await connected.ingest.drop(channel_id)

        assert await connected.ingest.publishers() == {"c1": connected.client_id}, channel_id


async def test_the_timestamp_of_a_publisher_increases(connected: Connected) -> None:
    await _shown(connected)
    first = await connected.ingest.media_time("c1", connected.client_id)
    assert first is not None

    async def has_grown() -> bool:
        now = await connected.ingest.media_time("c1", connected.client_id)
        return now is not None and now > first

    await until_async(has_grown, "more had come")


async def test_a_channel_without_a_publisher_has_no_timestamp(connected: Connected) -> None:
    await _shown(connected)

    assert await connected.ingest.media_time("c1", connected.client_id + "9") is None
    assert await connected.ingest.media_time("c2", connected.client_id) is None


async def test_only_the_named_publisher_is_dropped(connected: Connected) -> None:
    await _shown(connected)

    await connected.ingest.drop("c1", connected.client_id + "9")
    assert await connected.ingest.publishers() == {"c1": connected.client_id}
    await connected.ingest.drop("c1", connected.client_id)

    async def is_gone() -> bool:
        return await connected.ingest.publishers() == {}

    await until_async(is_gone, "the publisher was gone")


async def test_a_stopped_ingest_is_unavailable(connected: Connected) -> None:
    await connected.take_down()

    with pytest.raises(IngestUnavailableError):
        await connected.ingest.publishers()
    with pytest.raises(IngestUnavailableError):
        await connected.ingest.drop("c1")
    with pytest.raises(IngestUnavailableError):
        await connected.ingest.media_time("c1", connected.client_id)
