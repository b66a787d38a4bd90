"""Pages at another port and host name than those of the site's settings."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.conftest import NewContext
from tests.e2e.people import Person
from tests.rig.forwarder import forwarding
from tests.rig.ports import HOST, free_port
from tests.rig.site import Site


@pytest_asyncio.fixture(loop_scope="session")
async def other_port(site: Site) -> AsyncIterator[int]:
    """A port that is forwarded to the site, like a published port of a container."""
    port = free_port()
    async with forwarding(port, site.ports["HTTP_PORT"]):
        yield port


@pytest.mark.parametrize("host", [HOST, "localhost"])
async def test_sign_in_and_chat_work_through_another_port(
    site: Site, other_port: int, new_context: NewContext, name: str, host: str
) -> None:
    context = await new_context(base_url=f"http://{host}:{other_port}")
    asked: list[str] = []
    page = await context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    person = Person(site, context, page, url=f"http://{host}:{other_port}")

    await person.register_by_form(name)
    await person.go(f"/c/{name}")
    await person.say("hello from outside")

    await expect(person.chat_lines()).to_have_text(["hello from outside"])
    assert {address.split("/")[2] for address in asked if "://" in address} == {f"{host}:{other_port}"}
    assert any("/_event" in address for address in asked)


async def test_a_page_reports_a_failed_event_websocket_once(new_context: NewContext, site: Site) -> None:
    context = await new_context()
    page = await context.new_page()
    port = free_port()
    async with forwarding(port, site.ports["HTTP_PORT"], refused=b"GET /_event"):
        await page.goto(f"http://{HOST}:{port}")

        await expect(page.get_by_text("No connection to the site. Reconnecting…")).to_have_count(1)
