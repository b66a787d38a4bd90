"""The ingest's HTTP port, which only processes of this machine may use."""

import stat
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from streaming_app.backend.adapters.ingest_secret import ingest_credentials, ingest_secret_file, make_ingest_secret
from streaming_app.backend.adapters.nginx_conf import prefix_of
from streaming_app.backend.config import Settings
from tests.rig.echo import echo_app
from tests.rig.nginx import nginx_settings, running_ingest
from tests.rig.ports import HOST
from tests.rig.serving import serving


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    settings = nginx_settings(tmp_path_factory.mktemp("site") / "my site {1}; #2")
    with running_ingest(settings):
        yield settings


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of any program on this machine."""
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{settings.nginx_admin_port}", trust_env=False) as client:
        yield client


STATISTICS_AND_CONTROL = ["/stat", "/control/drop/publisher?app=live&name=x"]


@pytest.mark.parametrize("path", STATISTICS_AND_CONTROL)
async def test_only_the_backend_can_list_and_drop_publishers(
    settings: Settings, client: httpx.AsyncClient, path: str
) -> None:
    assert (await client.get(path)).status_code == 403
    assert (await client.get(path, headers={"authorization": "Bearer wrong"})).status_code == 403
    assert (await client.get(path, headers=ingest_credentials(settings))).status_code == 200


@pytest.mark.parametrize("path", STATISTICS_AND_CONTROL)
async def test_a_page_with_dns_rebinding_is_refused(settings: Settings, client: httpx.AsyncClient, path: str) -> None:
    headers = {"host": f"evil.example:{settings.nginx_admin_port}", **ingest_credentials(settings)}

    assert (await client.get(path, headers=headers)).status_code == 421


@pytest.mark.parametrize("path", ["/rtmp/on_publish", "/rtmp/on_publish_done", "/rtmp/on_update", "/rtmp/x/on_publish"])
async def test_callbacks_cannot_be_sent_through_the_admin_port(
    settings: Settings, client: httpx.AsyncClient, path: str
) -> None:
    async with serving(echo_app(), settings.web_port):
        answer = await client.post(path, content=b"call=publish&name=x&clientid=1")

    assert answer.status_code == 404


def test_the_secret_is_readable_by_its_owner_only(settings: Settings) -> None:
    assert stat.S_IMODE(ingest_secret_file(settings).stat().st_mode) == 0o600
    assert stat.S_IMODE(prefix_of(settings, "ingest").stat().st_mode) == 0o700


def test_the_secret_is_kept_when_the_ingest_is_configured_again(settings: Settings) -> None:
    before = ingest_credentials(settings)

    assert make_ingest_secret(settings) == before["Authorization"].removeprefix("Bearer ")
    assert ingest_credentials(settings) == before
