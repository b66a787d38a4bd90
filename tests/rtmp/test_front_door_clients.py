"""Client addresses and limits of the front door: for direct connections, and through a proxy."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from streaming_app.backend.adapters import nginx_conf
from streaming_app.backend.api.problems import PROBLEM_JSON, Problem
from streaming_app.backend.config import Settings
from streaming_app.backend.content_security_policy import notice_policy
from tests.rig.crowd import Crowd, websockets_held
from tests.rig.echo import client_of_echo
from tests.rig.nginx import nginx_settings, running_front
from tests.rig.ports import HOST

PAGES_PER_ADDRESS = 3
REQUESTS_MAX = 200
NOBODY = "192.0.2.0/24"


@pytest.fixture(params=["127.0.0.0/8,10.0.0.0/8"])
def trusted_proxies(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def settings(tmp_path: Path, trusted_proxies: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Settings of a running front door, with limits so low that requests exceed them on a busy machine, too."""
    monkeypatch.setattr(nginx_conf, "WEBSOCKETS_PER_SECOND", 1)
    settings = nginx_settings(
        tmp_path,
        trusted_proxies=trusted_proxies,
        connections_per_address=PAGES_PER_ADDRESS,
        requests_per_second_per_address=1,
    )
    with running_front(settings):
        yield settings


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of_echo(settings) as client:
        yield client


FORWARDED = {
    "x-forwarded-for": "203.0.113.9, 198.51.100.7, 10.0.0.3",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "tv.example",
    "forwarded": "for=203.0.113.9",
}


async def test_the_client_address_of_a_trusted_proxy_is_used(client: httpx.AsyncClient) -> None:
    answer = await client.get("/ada", headers=FORWARDED)

    headers = answer.json()["headers"]
    assert headers["x-forwarded-for"] == "198.51.100.7", "the last that is no proxy: what is before it anyone may claim"
    assert headers["x-real-ip"] == "198.51.100.7"
    assert headers["x-forwarded-proto"] == "https"
    assert (headers["host"], headers["x-forwarded-host"]) == ("tv.example", "tv.example")
    assert "forwarded" not in headers


@pytest.mark.parametrize("trusted_proxies", [NOBODY, "none"], indirect=True)
async def test_other_clients_cannot_forge_their_address(settings: Settings, client: httpx.AsyncClient) -> None:
    answer = await client.get("/ada", headers=FORWARDED)

    headers = answer.json()["headers"]
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "http"
    assert headers["host"] == headers["x-forwarded-host"] == f"{HOST}:{settings.http_port}"
    assert "forwarded" not in headers


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        ("192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
        ("::ffff:192.0.2.7", "::ffff:192.0.2.8", False),
        ("2001:db8:1:1::7", "2001:db8:1:1:ffff::8", True),
        ("2001:db8:1:1::7", "2001:db8:1:2::7", False),
    ],
)
async def test_page_requests_are_limited_by_ipv4_address_and_ipv6_network(
    settings: Settings, first: str, second: str, *, is_same: bool
) -> None:
    async with websockets_held(settings.web_port), Crowd(settings) as crowd:
        opened = [await crowd.open("/_event/?token=a", first) for _ in range(PAGES_PER_ADDRESS)]
        last = await crowd.open("/_event/?token=a", second)

    assert opened == [101] * PAGES_PER_ADDRESS
    assert last == (503 if is_same else 101)


async def until_limited(client: httpx.AsyncClient, path: str, *, method: str = "GET") -> list[httpx.Response]:
    """Send requests of one address until one is refused, and return the answers.

    On a slow machine, more requests are accepted than the burst, because the limit allows some in each second.
    """
    answers: list[httpx.Response] = []
    while not answers or answers[-1].status_code != 429:
        assert len(answers) < REQUESTS_MAX, "there was no limit"
        answers.append(await client.request(method, path, headers={"x-forwarded-for": "192.0.2.7"}))
    return answers


async def test_only_a_client_that_sends_too_many_requests_is_limited(client: httpx.AsyncClient) -> None:
    answers = await until_limited(client, "/api/ada")
    other = await client.get("/api/ada", headers={"x-forwarded-for": "192.0.2.8"})

    assert [answer.status_code for answer in answers[:11]] == [200] * 11, "a burst of ten is fine"
    assert answers[-1].json()["error"]["code"] == "too_many_requests"
    assert answers[-1].headers["retry-after"] == "1"
    assert other.status_code == 200


async def test_the_public_api_is_limited_with_problem_details(client: httpx.AsyncClient) -> None:
    answers = await until_limited(client, "/api/v1/users/ada")
    odd = (await until_limited(client, '/api/v1/users/"}'))[-1]

    problem = Problem.model_validate_json(answers[-1].content)
    assert problem.status == 429
    assert answers[-1].headers["content-type"] == PROBLEM_JSON
    assert (problem.code, problem.type) == ("rate_limited", "/developers#rate_limited")
    assert (problem.instance, Problem.model_validate_json(odd.content).instance) == ("/api/v1/users/ada", "/api/v1/")


async def test_a_client_that_opens_websockets_too_fast_is_limited(settings: Settings) -> None:
    async with websockets_held(settings.web_port), websockets_held(settings.feed_port):
        answers: list[int] = []
        for _ in range(4 * PAGES_PER_ADDRESS):
            async with Crowd(settings) as crowd:
                answers += [await crowd.open(path, "192.0.2.7") for path in ("/_event/?token=a", "/feed/c1")]
        async with Crowd(settings) as crowd:
            other = await crowd.open("/_event/?token=a", "192.0.2.8")

    burst = 2 * PAGES_PER_ADDRESS
    assert answers[:burst] == [101] * burst, "all pages of an address may reconnect at once"
    assert 429 in answers
    assert other == 101


@pytest.mark.parametrize("trusted_proxies", [NOBODY], indirect=True)
@pytest.mark.parametrize("path", ["/ada", "/api/ada", "/api/auth/session"])
async def test_a_forged_address_does_not_avoid_a_limit(client: httpx.AsyncClient, path: str) -> None:
    codes = {
        (await client.get(path, headers={"x-forwarded-for": f"192.0.2.{n}"})).status_code for n in range(REQUESTS_MAX)
    }

    assert 429 in codes


async def test_requests_for_sign_in_have_a_stricter_limit(client: httpx.AsyncClient) -> None:
    answers = await until_limited(client, "/api/auth/session")

    assert [answer.status_code for answer in answers[: 1 + PAGES_PER_ADDRESS]] == [200] * (1 + PAGES_PER_ADDRESS)
    refused = answers[-1]
    assert refused.json()["error"]["code"] == "too_many_requests"
    assert refused.headers["retry-after"] == "1"


async def test_only_an_address_that_reports_playback_too_often_is_limited(client: httpx.AsyncClient) -> None:
    answers = await until_limited(client, "/hls/c1/playback", method="POST")
    other = await client.post("/hls/c1/playback", headers={"x-forwarded-for": "192.0.2.8"})

    codes = [answer.status_code for answer in answers]
    assert codes[: 1 + PAGES_PER_ADDRESS] == [502] * (1 + PAGES_PER_ADDRESS), "there is no packager"
    assert answers[-1].json()["error"]["code"] == "too_many_requests"
    assert other.status_code == 502


async def test_a_page_request_above_the_limit_gets_a_page_that_reloads(client: httpx.AsyncClient) -> None:
    refused = (await until_limited(client, "/ada"))[-1]

    assert refused.headers["retry-after"] == "5"
    assert "Too many requests" in refused.text
    assert refused.headers["content-type"].startswith("text/html")
    assert refused.headers["content-security-policy"] == notice_policy(refused.content)


async def test_video_has_no_rate_limit(settings: Settings) -> None:
    folder = settings.data_dir / "hls/c1"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.m3u8").write_text("#EXTM3U\n")
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{settings.http_port}", trust_env=False) as client:
        answers = [await client.get("/hls/c1/index.m3u8", headers={"x-forwarded-for": "192.0.2.7"}) for _ in range(60)]

    assert {answer.status_code for answer in answers} == {200}
