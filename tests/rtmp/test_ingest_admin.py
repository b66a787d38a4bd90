"""The ingest's own HTTP port: for the processes of this machine alone."""

from collections.abc import Iterator

import httpx
import pytest

from streaming_app.backend.config import Settings
from tests.rig.nginx import nginx_settings, running_ingest
from tests.rig.ports import HOST


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    settings = nginx_settings(tmp_path_factory.mktemp("site") / "my site {1}; #2")
    with running_ingest(settings):
        yield settings


@pytest.mark.parametrize("path", ["/stat", "/control/drop/publisher?app=live&name=x"])
async def test_a_page_in_a_browser_on_this_machine_learns_and_does_nothing(settings: Settings, path: str) -> None:
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{settings.nginx_admin_port}", trust_env=False) as client:
        assert (await client.get(path)).status_code == 403
        assert (await client.get(path, headers={"x-streaming-app": "me"})).status_code == 200
