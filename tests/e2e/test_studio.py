"""The studio and the moderation page: their content and their layout."""

from playwright.async_api import FloatRect, Locator, expect

from tests.e2e.conftest import NewPerson
from tests.e2e.people import Person

HOLE_MAX = 260
"""Maximum difference between the ends of two columns, in pixels."""
WIDTH_OF_LONGEST = """(select) => {
  const style = getComputedStyle(select);
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  context.font = style.font;
  const room = select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  return Math.max(...[...select.options].map(({ text }) => context.measureText(text).width)) - room;
}"""


async def in_the_studio(new_person: NewPerson, name: str, width: int, height: int = 900) -> Person:
    streamer = await new_person(viewport={"width": width, "height": height})
    await streamer.register(name)
    await streamer.go("/studio")
    await expect(streamer.page.get_by_role("heading", name="Studio")).to_be_visible()
    return streamer


async def box(element: Locator) -> FloatRect:
    found = await element.bounding_box()
    assert found is not None
    return found


async def bottom(element: Locator) -> float:
    place = await box(element)
    return place["y"] + place["height"]


async def test_the_studio_shows_the_address_of_the_chat_overlay(new_person: NewPerson, name: str) -> None:
    streamer = await in_the_studio(new_person, name, 1440)

    address = await streamer.page.get_by_role("textbox", name="Overlay URL").input_value()

    assert address == f"{streamer.site.url}/c/{name}/overlay"
    await streamer.page.get_by_text("Add it to OBS").click()
    await expect(streamer.page.get_by_text("?size=32", exact=True)).to_be_visible()
    await streamer.page.goto(address)
    await expect(streamer.page.locator(".overlay")).to_be_attached()


async def test_the_chat_is_one_tap_away_on_a_phone(new_person: NewPerson, name: str) -> None:
    streamer = await in_the_studio(new_person, name, 390, 844)
    page, message = streamer.page, streamer.page.get_by_role("textbox", name="Message")
    await expect(message).not_to_be_visible()
    await page.get_by_role("textbox", name="Title").fill("not saved yet")

    await page.get_by_text("Chat", exact=True).first.click()

    await expect(message).to_be_in_viewport()
    await expect(page.get_by_role("radio", name="Chat")).to_be_checked()
    await streamer.say("hello from the phone")
    await expect(streamer.chat_lines()).to_have_text(["hello from the phone"])
    await page.get_by_text("Stream", exact=True).first.click()
    await expect(page.get_by_role("textbox", name="Title")).to_have_value("not saved yet")


async def test_the_whole_stream_key_can_be_read(new_person: NewPerson, name: str) -> None:
    streamer = await in_the_studio(new_person, name, 390)

    await streamer.page.get_by_role("button", name="Show stream key").click()

    key = streamer.page.get_by_role("textbox", name="Stream key")
    await expect(key).not_to_have_value("•" * 24)
    for width in (390, 1440):
        await streamer.page.set_viewport_size({"width": width, "height": 900})
        hidden = await key.evaluate("(key) => [key.scrollWidth - key.clientWidth, key.scrollHeight - key.clientHeight]")
        assert max(hidden) <= 0, width


async def test_a_toast_is_opaque_and_does_not_cover_its_button(new_person: NewPerson, name: str) -> None:
    streamer = await in_the_studio(new_person, name, 390, 844)
    save = streamer.page.get_by_role("button", name="Save")

    await save.click()

    toast = streamer.page.get_by_role("region", name="Notifications", exact=True).get_by_role("listitem")
    await expect(toast).to_be_in_viewport()
    assert await toast.evaluate("(toast) => getComputedStyle(toast).opacity") == "1"
    assert await bottom(toast) < (await box(save))["y"]


async def test_columns_have_similar_heights(new_person: NewPerson, name: str) -> None:
    streamer = await in_the_studio(new_person, name, 1440)
    page = streamer.page

    left, right = await page.locator(".studio__column").all()
    studio = [await bottom(column.locator("> :last-child")) for column in (left, right)]
    await page.get_by_role("link", name="Moderation").click()
    await expect(page.get_by_role("heading", name="Rules")).to_be_visible()
    moderation = [await bottom(page.locator(column)) for column in (".moderation__log", ".moderation__rules")]

    assert abs(studio[0] - studio[1]) < HOLE_MAX
    assert abs(moderation[0] - moderation[1]) < HOLE_MAX


async def test_the_studio_is_aligned_with_the_logo_on_a_wide_screen(new_person: NewPerson, name: str) -> None:
    streamer = await in_the_studio(new_person, name, 1920, 1080)

    title = await box(streamer.page.get_by_role("heading", name="Studio"))
    logo = await box(streamer.page.get_by_role("link", name="streaming_app, home"))
    panels, chat = (
        await box(streamer.page.locator(".studio__panels")),
        await box(streamer.page.locator(".studio__chat")),
    )

    assert abs(title["x"] - logo["x"]) < 8
    assert panels["x"] + panels["width"] == chat["x"]


async def test_selected_options_of_the_rules_are_not_truncated(new_person: NewPerson, name: str) -> None:
    owner = await in_the_studio(new_person, name, 320)
    await owner.go(f"/c/{name}/moderation")

    for width in (320, 360, 768, 1440):
        await owner.page.set_viewport_size({"width": width, "height": 900})
        for label in ("When a filter matches", "Links"):
            select = owner.page.get_by_role("combobox", name=label)
            assert await select.evaluate(WIDTH_OF_LONGEST) <= 0, f"{label} at {width} pixels"


async def test_one_notice_is_shown_while_the_site_is_unreachable(new_person: NewPerson, name: str) -> None:
    streamer, viewer = await new_person(), await new_person()
    await streamer.register(name)
    await streamer.go(f"/c/{name}")
    await expect(streamer.page.locator("[data-status=open]")).to_be_visible()

    await streamer.context.set_offline(offline=True)
    await viewer.go(f"/c/{name}")  # changes the viewer count, which the streamer's browser cannot receive

    await expect(streamer.page.get_by_text("No connection to the site.")).to_be_visible()
    await expect(streamer.page.locator("[data-status=waiting]")).to_be_visible()
    await expect(streamer.page.get_by_text("Connection lost. Reconnecting…")).not_to_be_visible()

    await streamer.context.set_offline(offline=False)
    await expect(streamer.page.get_by_text("No connection to the site.")).not_to_be_visible()
    await expect(streamer.page.locator("[data-status=open]")).to_be_visible()


async def test_a_confirmation_opens_in_the_browser_and_returns_the_focus(new_person: NewPerson, name: str) -> None:
    streamer = await in_the_studio(new_person, name, 1440)
    page = streamer.page
    opener = page.get_by_role("button", name="New stream key")
    dialog = page.get_by_role("dialog", name="Create a new stream key?")
    await page.context.set_offline(True)

    await opener.focus()
    await page.keyboard.press("Enter")
    await expect(dialog).to_be_visible()
    await expect(dialog).to_have_accessible_description(
        "Your old key will stop working. A stream already running continues."
    )
    await expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(dialog).not_to_be_visible()
    await expect(opener).to_be_focused()

    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await expect(dialog).not_to_be_visible()
    await expect(opener).to_be_focused()

    await page.context.set_offline(False)
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(dialog).not_to_be_visible()
    await expect(page.get_by_text("New stream key created.")).to_be_visible()
