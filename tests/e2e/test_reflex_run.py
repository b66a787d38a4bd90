"""A start by Reflex's own commands, on other ports, together with the front door.

This is the last file, because Reflex changes the built pages, and the next start of a site would build them again.
"""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.conftest import NewContext
from tests.rig.ports import free_port
from tests.rig.processes import Process
from tests.rig.site import ROOT, START_SECONDS, environment_of


@pytest.mark.parametrize("mode", ["dev", "prod"])
async def test_reflex_run_serves_the_site_on_its_own_port(
    new_context: NewContext, site_ports: dict[str, int], tmp_path: Path, mode: str
) -> None:
    page_port = free_port() if mode == "dev" else site_ports["WEB_PORT"]
    ports = ["--frontend-port", str(page_port)] if mode == "dev" else []
    environment = environment_of(tmp_path / "data", site_ports)
    server = Process(
        "reflex", ["reflex", "run", "--env", mode, *ports], tmp_path / "log", environment=environment, folder=ROOT
    )
    try:
        server.wait_until_listening(site_ports["HTTP_PORT"], START_SECONDS)
        server.wait_until_listening(page_port, START_SECONDS)
        page = await (await new_context()).new_page()

        await page.goto(f"http://localhost:{page_port}")

        await expect(page.get_by_text("No one is live right now")).to_be_visible(timeout=60_000)
        await page.get_by_role("link", name="Sign up").first.click()
        await expect(page.get_by_label("Username", exact=True)).to_be_visible()
    finally:
        server.stop()
