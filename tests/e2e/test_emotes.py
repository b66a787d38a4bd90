"""Emotes in a browser: refused with a reason, added, shown to everyone, deleted."""

from pathlib import Path

from playwright.async_api import Locator, expect

from tests.e2e.conftest import NewPerson
from tests.e2e.people import Person
from tests.rig.pictures import SVG, moving, still
from tests.rig.site import Site
from tests.rig.site_accounts import promote

IS_DRAWN = "(picture) => picture.decode().then(() => picture.naturalWidth)"


async def adds(streamer: Person, name: str, picture: Path) -> Locator:
    """Add an emote on the open studio page, and return its line in the list."""
    form = streamer.page.get_by_role("form", name="Add an emote")
    await form.locator("input[type=file]").set_input_files(picture)
    await form.get_by_label("Name").fill(name)
    await form.get_by_role("button", name="Add emote").click()
    await expect(streamer.page.get_by_text(f"Emote added. Chatters can now use :{name}:.")).to_be_visible()
    await expect(form.get_by_label("Name")).to_have_value("")
    return line_of(streamer, name)


def line_of(person: Person, name: str) -> Locator:
    return person.page.locator(".emote-list__item").filter(has_text=f":{name}:")


async def deletes(person: Person, name: str) -> None:
    """Delete an emote, and confirm the deletion."""
    line = line_of(person, name)
    await line.get_by_role("button", name=f"Delete :{name}:").click()
    await line.get_by_role("button", name="Delete emote").click()
    await expect(person.page.get_by_text("Emote deleted.")).to_be_visible()
    await expect(line).to_have_count(0)


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
    name_field, picker = form.get_by_label("Name"), form.get_by_label("Choose an image")

    await name_field.fill("two words")
    await picker.set_input_files(tmp_path / "not-a-picture.png")
    await form.get_by_role("button", name="Add emote").click()
    await expect(form.get_by_text("without spaces")).to_be_visible()
    await expect(name_field).to_be_focused()
    await expect(name_field).to_have_value("two words")
    await name_field.fill("hype_train")
    await name_field.press("Enter")
    await expect(form.get_by_text("Use PNG, GIF, WebP or JPEG.")).to_be_visible()
    await expect(name_field).to_have_value("hype_train")

    line = await adds(streamer, "hype_train", tmp_path / "Hype train.gif")
    assert await line.locator("img").evaluate(IS_DRAWN) == 112
    await deletes(streamer, "hype_train")


async def test_an_admin_deletes_an_emote_of_another_channel_and_it_is_logged(
    site: Site, new_person: NewPerson, name: str, tmp_path: Path
) -> None:
    (tmp_path / "rude.png").write_bytes(still("PNG"))
    streamer, admin = await new_person(), await new_person()
    for person, slug in ((streamer, name), (admin, f"{name}-chief")):
        await person.register(slug)
    await streamer.go("/studio")
    await adds(streamer, "rude", tmp_path / "rude.png")
    await streamer.go(f"/c/{name}/moderation")
    await promote(site, f"{name}-chief")

    await admin.go(f"/c/{name}/moderation")
    await deletes(admin, "rude")

    for person in (admin, streamer):
        await expect(person.page.get_by_role("region", name="Log")).to_contain_text(
            f"{name}-chief deleted the emote :rude:"
        )
        await expect(person.page.get_by_role("region", name="Emotes")).to_have_count(0)
