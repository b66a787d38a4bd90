"""Accessible names of controls, and pages without JavaScript."""

import re
from pathlib import Path

from playwright.async_api import expect

from tests.e2e.conftest import NewPerson
from tests.rig.ffmpeg import publishing
from tests.rig.site import Site


async def test_the_accessible_name_of_a_card_has_title_channel_and_viewers(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path
) -> None:
    streamer, viewer = await new_person(), await new_person()
    await streamer.register(name)
    with publishing(f"{site.rtmp_url}/{await streamer.stream_key()}", encoder_log):
        await viewer.go("/")
        link = viewer.card(f"{name}'s stream").get_by_role("link")

        await expect(link).to_have_accessible_name(re.compile(rf"^{name}'s stream, {name}, live, \d+ viewers?$"))


async def test_the_title_of_a_page_says_what_is_missing(new_person: NewPerson, name: str) -> None:
    visitor = await new_person()
    await visitor.register(name)

    for path, missing in (("/c/nobody-at-all", "channel"), (f"/c/{name}/r/no-such", "recording"), ("/nowhere", None)):
        await visitor.go(path)
        await expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
        await expect(visitor.page).to_have_title(re.compile(f"No such {missing}" if missing else "Not found"))

    await visitor.go(f"/c/{name}/r/no-such")
    await visitor.page.get_by_role("link", name=f"Go to {name}").click()
    await expect(visitor.page).to_have_title(re.compile(name))


async def test_a_page_without_javascript_says_that_it_is_required(new_person: NewPerson, name: str) -> None:
    streamer, visitor = await new_person(), await new_person(java_script_enabled=False)
    await streamer.register(name)

    for path in (f"/c/{name}", "/", "/login"):
        await visitor.go(path)
        words = visitor.page.locator(".no-script")
        await expect(words).to_be_visible()
        await expect(words).to_contain_text("needs JavaScript to play video")
