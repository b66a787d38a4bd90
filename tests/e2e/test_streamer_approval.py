"""Asking to stream on a site that approves streamers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import NewPerson
from tests.rig.ffmpeg import publishing
from tests.rig.site import Site, running_site
from tests.rig.site_accounts import promote


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, site_ports: dict[str, int]) -> Iterator[Site]:
    """A site on which staff approve streamers."""
    with running_site(tmp_path_factory.mktemp("approval"), site_ports, {"STREAMING": "request"}) as site:
        yield site


async def test_an_encoder_is_accepted_once_staff_approved_the_user(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path
) -> None:
    admin, streamer = await new_person(), await new_person()
    await admin.register(f"{name}-boss")
    await promote(site, f"{name}-boss")
    await streamer.register(name)
    key = await streamer.stream_key()
    with publishing(f"{site.rtmp_url}/{key}", encoder_log):
        await expect(streamer.page.get_by_text("You need an approval to stream on this site.")).to_be_visible()

    await streamer.page.get_by_role("button", name="Send request").click()
    await expect(streamer.page.get_by_text("Write what you want to stream.")).to_be_visible()
    await expect(streamer.page.get_by_label("What do you want to stream?")).to_be_focused()
    await streamer.page.get_by_label("What do you want to stream?").fill("chess lessons")
    await streamer.page.get_by_role("button", name="Send request").click()
    await expect(streamer.page.get_by_text("Your request is waiting")).to_be_visible()
    await admin.go("/admin/streamers")
    await admin.page.get_by_role("button", name=f"Approve {name}").click()
    await expect(admin.page.get_by_role("button", name=f"Revoke {name}")).to_be_visible()

    with publishing(f"{site.rtmp_url}/{key}", encoder_log):
        await admin.go(f"/c/{name}")
        await expect(admin.stream_badge()).to_have_text("LIVE")
