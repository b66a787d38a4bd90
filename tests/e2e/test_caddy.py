"""The site behind Caddy, which ends HTTPS, in a browser."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import expect

from streaming_app.backend.accounts.cookies import HOST_PREFIX, SESSION_COOKIE, VIEWER_COOKIE
from tests.conftest import NewContext
from tests.e2e.people import Person
from tests.rig.ffmpeg import publishing
from tests.rig.forwarder import forwarding
from tests.rig.https_proxies import running_caddy
from tests.rig.ports import HOST, free_port
from tests.rig.site import Site, running_site
from tests.rig.site_store import open_store_of

VIEWER = "127.0.0.7"
"""Source address of the browser's connections to Caddy, which itself connects to the site from 127.0.0.1."""
REFUSED = """
  window.WebSocket = class extends WebSocket {
    constructor(url, ...others) { super(String(url).replace("/rt/", "/no-such-path/"), ...others); }
  };
"""
"""Makes real time impossible."""


@pytest_asyncio.fixture(loop_scope="session")
async def site_behind_caddy(tmp_path: Path, site_ports: dict[str, int]) -> AsyncIterator[Site]:
    """A site whose ``PUBLIC_URL`` is Caddy's."""
    port = free_port()
    settings = {"PUBLIC_URL": f"https://localhost:{port}", "TRUSTED_PROXIES": HOST}
    with (
        running_site(tmp_path, site_ports, settings) as site,
        running_caddy(tmp_path, site_ports["HTTP_PORT"]) as caddy,
    ):
        async with forwarding(port, caddy, source=VIEWER):
            yield site


async def test_video_chat_cookies_and_addresses_are_right_behind_caddy(
    site_behind_caddy: Site, new_context: NewContext, name: str, encoder_log: Path
) -> None:
    site, url = site_behind_caddy, site_behind_caddy.environment["PUBLIC_URL"]
    context = await new_context(ignore_https_errors=True)
    person = Person(site, context, await context.new_page(), url=url)
    await person.register_by_form(name)
    key = await person.stream_key()
    await person.choose_real_time()

    with publishing(f"{site.rtmp_url}/{key}", encoder_log):
        await person.go(f"/c/{name}")
        await person.sees_video_in("Real time")
        await person.say("hello through Caddy")
        await expect(person.chat_lines().filter(has_text="hello through Caddy")).to_be_visible()

        other = Person(site, context, await context.new_page(), url=url)
        await other.page.add_init_script(REFUSED)
        await other.go(f"/c/{name}")
        await other.sees_video_from("/ll/")
        await expect(other.statistic("mode")).to_have_text("Low latency")

    cookies = {str(cookie.get("name")): cookie for cookie in await context.cookies()}
    assert {f"{HOST_PREFIX}{SESSION_COOKIE}", f"{HOST_PREFIX}{VIEWER_COOKIE}"} <= set(cookies)
    assert all(cookie.get("secure") for cookie in cookies.values())
    await person.go("/settings/security")
    await expect(person.page.get_by_text(f"{VIEWER} ·").first).to_be_visible()
    assert await _addresses_in_audit_log(site) == {VIEWER}


async def _addresses_in_audit_log(site: Site) -> set[str]:
    async with open_store_of(site) as store:
        return {entry.address for entry in await store.audit_log.newest(100)}
