"""Ingest and front door on other addresses than the processes that they work with, as on several machines.

All addresses of 127.0.0.0/8 belong to this machine, so each of them serves as another machine.
"""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from streaming_app.backend.adapters.ingest_secret import HEADER, SCHEME, ingest_secret_file
from streaming_app.backend.adapters.nginx_client import open_ingest
from streaming_app.backend.adapters.nginx_conf import prefix_of
from streaming_app.backend.config import Settings
from streaming_app.backend.rtmp_callback_form import parse_callback_form
from tests.rig.conditions import until
from tests.rig.echo import echo_app
from tests.rig.ffmpeg import publisher
from tests.rig.nginx import nginx_settings, running_front, running_ingest
from tests.rig.serving import serving

WEB, INGEST = "127.0.0.8", "127.0.0.9"
SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="module", params=[INGEST, "0.0.0.0", "::"])  # noqa: S104 - what is tested
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    settings = nginx_settings(
        tmp_path_factory.mktemp("site"),
        internal_bind_host=request.param,
        web_host=WEB,
        ingest_host=INGEST,
        ingest_secret=SECRET,
    )
    with running_ingest(settings):
        yield settings


async def test_the_ingest_answers_the_backend_on_another_host(settings: Settings) -> None:
    async with open_ingest(settings) as ingest:
        assert await ingest.publishers() == {}

    assert not ingest_secret_file(settings).exists()


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.8"])
async def test_the_ingest_answers_only_to_its_own_name(settings: Settings, host: str) -> None:
    headers = {"host": host, HEADER: SCHEME + SECRET}
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"http://{INGEST}:{settings.nginx_admin_port}/stat", headers=headers)

    assert answer.status_code == 421


async def test_callbacks_reach_the_web_process_on_another_host(settings: Settings) -> None:
    conf = (prefix_of(settings, "ingest") / "nginx.conf").read_text(encoding="utf-8")
    [url] = {line.split()[1].rstrip(";") for line in conf.splitlines() if " on_publish_done " in line}
    async with serving(echo_app(), settings.web_port, host=WEB), httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(url)

    assert answer.json()["path"] == "/rtmp/on_publish_done"
    assert answer.json()["headers"]["authorization"] == SCHEME + SECRET


async def test_the_front_door_forwards_to_another_host(tmp_path: Path) -> None:
    settings = nginx_settings(tmp_path, web_host=WEB)
    with running_front(settings):
        async with serving(echo_app(), settings.web_port, host=WEB), httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"http://127.0.0.1:{settings.http_port}/c/ann")

    assert answer.json()["path"] == "/c/ann"


async def test_the_front_door_starts_before_the_name_of_the_web_process_is_known(tmp_path: Path) -> None:
    settings = nginx_settings(tmp_path, web_host="web.invalid", feed_host="feed.invalid", packager_host="x.invalid")
    with running_front(settings):
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"http://127.0.0.1:{settings.http_port}/")

    assert answer.status_code == 503


async def test_the_address_of_an_encoder_is_kept(settings: Settings, tmp_path: Path) -> None:
    addresses: list[str] = []
    app = FastAPI()

    @app.post("/rtmp/on_publish")
    async def on_publish(request: Request) -> Response:
        addresses.append(parse_callback_form(await request.body())["addr"])
        return Response(status_code=403)

    async with serving(app, settings.web_port, host=WEB):
        encoder = publisher(f"rtmp://127.0.0.1:{settings.rtmp_port}/live/c1?key=x", tmp_path / "encoder.log")
        try:
            await until(lambda: bool(addresses), "the ingest asked the web process")
        finally:
            encoder.stop()

    assert addresses[0] == "127.0.0.1"
