"""The profile in a browser: a name and a picture, on the channel, in the menu and in the list of streams."""

from pathlib import Path

from playwright.async_api import expect

from tests.e2e.conftest import NewPerson
from tests.e2e.test_emotes import IS_DRAWN
from tests.rig.ffmpeg import publisher
from tests.rig.pictures import SVG, still
from tests.rig.site import Site


async def test_a_name_and_a_picture_are_shown_wherever_the_channel_is(
    site: Site, new_person: NewPerson, name: str, tmp_path: Path, encoder_log: Path
) -> None:
    (tmp_path / "not-a-picture.png").write_bytes(SVG)
    (tmp_path / "me.jpg").write_bytes(still("JPEG"))
    streamer, viewer = await new_person(), await new_person()
    await streamer.register(name)
    page = streamer.page
    key = await streamer.stream_key()

    await streamer.account_menu().click()
    await page.get_by_role("link", name="Settings").click()
    await page.get_by_role("link", name="Profile").click()
    await page.get_by_label("Upload a picture").set_input_files(tmp_path / "not-a-picture.png")
    await expect(page.get_by_text("This file is not an image we can read.")).to_be_visible()
    await page.get_by_label("Upload a picture").set_input_files(tmp_path / "me.jpg")
    await expect(page.get_by_text("Picture saved.")).to_be_visible()
    await expect(page.get_by_text("This file is not an image we can read.")).to_have_count(0)
    assert await page.locator("main .avatar img").evaluate(IS_DRAWN) == 256
    await expect(streamer.account_menu().locator(".avatar img")).to_be_visible()

    field = page.get_by_label("Display name")
    await field.fill("x")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("#name-error")).to_contain_text("Use 2 to 50 characters")
    await expect(field).to_be_focused()
    await field.fill(f"{name} of the Sea")
    await field.press("Enter")
    await expect(streamer.account_menu()).to_contain_text(f"{name} of the Sea")
    await expect(field).to_have_value(f"{name} of the Sea")

    encoder = publisher(f"{site.rtmp_url}/{key}", encoder_log)
    await viewer.go("/")
    card = viewer.card(f"{name}'s stream")
    await expect(card).to_contain_text(f"{name} of the Sea")
    assert await card.locator(".avatar img").evaluate(IS_DRAWN) == 256
    encoder.stop()
    await viewer.go(f"/c/{name}")
    await expect(viewer.page.locator(".about")).to_contain_text(f"{name} of the Sea")
    assert await viewer.page.locator(".about .avatar img").evaluate(IS_DRAWN) == 256

    await page.get_by_role("button", name="Remove the picture").click()
    await expect(page.get_by_text("Picture removed.")).to_be_visible()
    await expect(page.locator(".avatar img")).to_have_count(0)
