"""Emotes in a browser: refused with a reason, added, seen by everyone, deleted."""

from pathlib import Path

from playwright.async_api import expect

from tests.e2e.conftest import NewPerson
from tests.rig.pictures import SVG, moving
from tests.rig.site import Site

IS_DRAWN = "(picture) => picture.decode().then(() => picture.naturalWidth)"


async def test_a_streamer_adds_an_emote_after_a_refusal_and_deletes_it(
    site: Site, new_person: NewPerson, name: str, tmp_path: Path
) -> None:
    (tmp_path / "not-a-picture.png").write_bytes(SVG)
    (tmp_path / "Hype train.gif").write_bytes(moving("GIF", width=224, height=112))
    streamer = await new_person()
    await streamer.register(name)
    await streamer.go("/studio")
    page = streamer.page
    form = page.get_by_role("form", name="Add an emote")
    name_field, picker = form.get_by_label("Name"), form.get_by_label("Choose a picture")

    await name_field.fill("two words")
    await picker.set_input_files(tmp_path / "not-a-picture.png")
    await form.get_by_role("button", name="Add emote").click()
    await expect(form.get_by_text("without spaces")).to_be_visible()
    await expect(name_field).to_be_focused()
    await expect(name_field).to_have_value("two words")
    await name_field.fill("hype_train")
    await name_field.press("Enter")
    await expect(form.get_by_text("Use a PNG, GIF, WebP or JPEG.")).to_be_visible()
    await expect(name_field).to_have_value("hype_train")

    await form.locator("input[type=file]").set_input_files(tmp_path / "Hype train.gif")
    await form.get_by_role("button", name="Add emote").click()
    await expect(page.get_by_text("Chatters write :hype_train: from now on.")).to_be_visible()
    await expect(name_field).to_have_value("")
    item = page.locator(".emote-list__item").filter(has_text=":hype_train:")
    assert await item.locator("img").evaluate(IS_DRAWN) == 112

    await item.get_by_role("button", name="Delete :hype_train:").click()
    await item.get_by_role("button", name="Delete the emote").click()
    await expect(page.get_by_text("The emote is deleted.")).to_be_visible()
    await expect(item).to_have_count(0)
