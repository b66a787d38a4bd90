"""nginx's log of requests: one JSON object for each, with the id under which other logs mention the request."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from streaming_app.backend.adapters.nginx_conf import prefix_of
from streaming_app.backend.config import Settings
from streaming_app.backend.feed.sockets import remove_socket
from tests.rig.conditions import until
from tests.rig.echo import client_of_echo
from tests.rig.nginx import nginx_settings, running_front
from tests.rig.ports import HOST

GIVEN = "id-of-a.proxy_1"


@pytest.fixture(params=["trusted", "untrusted"])
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """An nginx whose clients in these tests are a trusted proxy, or not."""
    proxies = {"trusted": "127.0.0.0/8", "untrusted": "192.0.2.1"}[request.param]
    settings = nginx_settings(tmp_path_factory.mktemp("site"), trusted_proxies=proxies)
    with running_front(settings):
        yield settings
    remove_socket(settings)


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of_echo(settings) as client:
        yield client


def logged(settings: Settings) -> list[dict[str, Any]]:
    log = prefix_of(settings, "front") / "logs" / "access.log"
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


async def test_a_request_is_logged_with_its_id_and_without_its_query(
    settings: Settings, client: httpx.AsyncClient
) -> None:
    answer = await client.get('/api/a"b?secret=hidden')

    await until(lambda: len(logged(settings)) == 1, "the request was logged")
    [line] = logged(settings)
    assert line["request_id"] == answer.json()["headers"]["x-request-id"]
    assert len(line["request_id"]) == 32
    assert (line["event"], line["status"], line["address"]) == ("GET /api/a%22b", 200, HOST)
    assert line["connection"] > 0
    assert "hidden" not in str(line)


async def test_only_a_trusted_proxy_may_choose_the_id(
    settings: Settings, client: httpx.AsyncClient, request: pytest.FixtureRequest
) -> None:
    answers = [await client.get("/page-x", headers={"x-request-id": given}) for given in (GIVEN, "bad id", "")]

    first, *others = [answer.json()["headers"]["x-request-id"] for answer in answers]
    assert (first == GIVEN) is ("untrusted" not in request.node.name)
    assert all(len(each) == 32 for each in others)


async def test_video_is_not_logged_and_failures_of_the_web_process_are(settings: Settings) -> None:
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{settings.http_port}", trust_env=False) as client:
        for path in ("/hls/c1/index.m3u8", "/ll/c1/source/1.0.m4s", "/thumbnails/s1.jpg", "/rtmp/"):
            await client.get(path)
        await client.get("/page")

    await until(lambda: len(logged(settings)) > 0, "a request was logged")
    assert [(line["event"], line["status"]) for line in logged(settings)] == [("GET /page", 503)]
