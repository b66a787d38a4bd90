"""`make test-compose`: the main job on the site in containers. Not part of `make test`, which needs no containers."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, cast
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from playwright.async_api import expect

from scripts.make_secrets import main as make_secrets
from streaming_app.backend.adapters.metrics.endpoint import PROCESSES
from tests.conftest import NewContext
from tests.e2e.people import Person
from tests.rig.compose import PROJECT, Compose, running_containers
from tests.rig.conditions import until
from tests.rig.ffmpeg import publishing
from tests.rig.ports import HOST, free_port
from tests.rig.site import Site

START_SECONDS = 300
OWN = (
    "front",
    "ingest",
    "packager",
    "web",
    "feed",
    "chat-archiver",
    "reaper",
    "recorder",
    "thumbnails",
    "account-deletion",
    "log-sink",
)


class ComposeSite:
    """The addresses of the site in containers."""

    mail_server = None

    def __init__(self, http_port: int, rtmp_port: int) -> None:
        self.url = f"http://{HOST}:{http_port}"
        self.rtmp_url = f"rtmp://{HOST}:{rtmp_port}/live"

    def health(self) -> dict[str, Any]:
        """Return the health of the site; empty if it does not answer."""
        with suppress(URLError, OSError, ValueError), urlopen(f"{self.url}/api/health", timeout=5) as answer:  # noqa: S310 - our own
            return json.load(answer)
        return {}


@pytest.fixture(scope="module")
def ports() -> tuple[int, int]:
    return free_port(), free_port()


@pytest.fixture(scope="module")
def compose(tmp_path_factory: pytest.TempPathFactory, ports: tuple[int, int]) -> Iterator[Compose]:
    folder = tmp_path_factory.mktemp("compose")
    secrets = folder / "secrets"
    secrets.mkdir()
    (secrets / "mongo_url").write_text("mongodb://mongo:27017/streaming_app", encoding="utf-8")  # no replica set
    make_secrets(secrets, folder / "unused.env")
    (folder / "site.env").write_text("RECONNECT_GRACE=8\n", encoding="utf-8")
    http_port, rtmp_port = ports
    variables = {
        "HTTP_PORT": f"{HOST}:{http_port}",
        "RTMP_PORT": f"{HOST}:{rtmp_port}",
        "SECRETS": str(secrets),
        "SITE_ENV": str(folder / "site.env"),
        "SITE_SUBNET": "10.87.20.0/24",
    }
    few = {"soft": 1024, "hard": 1024}  # what a machine that is a container itself allows
    few_files = {"ulimits": {"nofile": few, "nproc": few}}
    override = {"services": dict.fromkeys(("front", "web", "feed"), few_files)}
    with running_containers(variables, override) as running:
        yield running


@pytest.fixture(scope="module")
def site(compose: Compose, ports: tuple[int, int]) -> ComposeSite:
    return ComposeSite(*ports)


async def test_people_watch_and_chat(
    compose: Compose, site: ComposeSite, new_context: NewContext, tmp_path: Path
) -> None:
    await until(lambda: site.health().get("status") == "ok", "the site was healthy", START_SECONDS)
    streamer, viewer = [await _person(site, new_context) for _ in range(2)]
    await streamer.register_by_form("ann")
    address = f"{site.rtmp_url}/{await streamer.stream_key()}"
    await viewer.go("/")

    with publishing(address, tmp_path / "encoder.log"):
        await viewer.card("ann's stream").get_by_role("link").click()
        await viewer.sees_video_move()
        await streamer.go("/c/ann")
        await streamer.say("hello from a container")
        await expect(viewer.chat_lines()).to_have_text(["hello from a container"])

    await expect(viewer.stream_badge()).to_have_text("Offline")


@pytest.mark.parametrize("service", OWN)
def test_the_health_check_of_each_process_succeeds(compose: Compose, service: str) -> None:
    assert "answers" in compose.podman(
        "exec", _container(service), *compose.services[service]["healthcheck"]["test"][1:]
    )


@pytest.mark.parametrize("service", OWN)
def test_no_process_is_root_or_can_write_to_its_image(compose: Compose, service: str) -> None:
    assert compose.podman("exec", _container(service), "id", "-u").strip() == "10001"
    with pytest.raises(AssertionError, match="Read-only file system"):
        compose.podman("exec", _container(service), "touch", "/app/x")


async def test_prometheus_scrapes_every_process(compose: Compose) -> None:
    url = "http://prometheus:9090/api/v1/query?query=" + quote("count(up{job='streaming_app'} == 1)")
    script = f"import urllib.request; print(urllib.request.urlopen({url!r}).read().decode())"
    everybody = len(PROCESSES) - 1  # there is no supervisor

    def answer() -> str:
        return compose.podman("exec", _container("feed"), "python", "-c", script)

    await until(lambda: f'"{everybody}"]' in answer(), "Prometheus had scraped every process", START_SECONDS)


async def test_the_front_door_finds_a_restarted_web_process(compose: Compose, site: ComposeSite) -> None:
    compose.podman("restart", _container("web"))

    await until(lambda: site.health().get("status") == "ok", "the site was healthy again", START_SECONDS)


async def _person(site: ComposeSite, new_context: NewContext) -> Person:
    context = await new_context()
    return Person(cast("Site", site), context, await context.new_page())


def _container(service: str) -> str:
    return f"{PROJECT}_{service}_1"
