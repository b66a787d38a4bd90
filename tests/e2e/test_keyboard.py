"""Use of the site without a mouse."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import NewPerson
from tests.e2e.people import Person
from tests.rig.ffmpeg import publishing
from tests.rig.site import Site

VIDEO = "document.querySelector('live-video')"
FOCUSED = """() => {
  const focused = document.activeElement.shadowRoot?.activeElement ?? document.activeElement;
  const percent = focused.closest(".player__seek") ? "" : (focused.getAttribute("aria-valuetext") ?? "");
  return `${focused.getAttribute("aria-label")} ${percent}`.trim();
}"""
"""Label of the focused control, and its value in percent for the volume."""
HAS_PLAYED_A_WHILE = f"() => {VIDEO}.currentTime - {VIDEO}.seekable.start(0) > 7"
"""Whether it is possible to seek back."""


@pytest.mark.parametrize("path", ["/", "/login?next=/studio#a-secret"])
async def test_the_first_link_skips_the_top_bar(new_person: NewPerson, path: str) -> None:
    visitor = await new_person()
    await visitor.go(path)
    await visitor.page.evaluate("() => { window.isSameDocument = true; }")
    skip = visitor.page.get_by_role("link", name="Skip to content")
    await skip.focus()

    await skip.press("Enter")

    await expect(visitor.page.get_by_role("main")).to_be_focused()
    assert visitor.page.url == visitor.url + path
    assert await visitor.page.evaluate("() => window.isSameDocument")


async def test_keys_control_the_focused_player(site: Site, new_person: NewPerson, name: str, encoder_log: Path) -> None:
    person = await new_person()
    await person.register(name)
    with publishing(f"{site.rtmp_url}/{await person.stream_key()}", encoder_log):
        page = await _watching_page(person, f"/c/{name}")
        await page.locator("live-video").focus()

        await page.keyboard.press("t")
        await expect(page.locator(".player__theatre[aria-pressed='true']")).to_have_count(1)
        await page.keyboard.press("t")
        await expect(page.locator(".player__theatre[aria-pressed='true']")).to_have_count(0)

        await page.keyboard.press("f")
        await page.wait_for_function("() => document.fullscreenElement !== null")
        await expect(page.get_by_role("button", name="Theatre mode")).to_be_hidden()
        await page.keyboard.press("t")
        await page.keyboard.press("f")
        await page.wait_for_function("() => document.fullscreenElement === null")
        await expect(page.get_by_role("button", name="Theatre mode")).to_be_visible()
        await expect(page.locator(".player__theatre[aria-pressed='true']")).to_have_count(0)

        await page.keyboard.press("i")
        await page.wait_for_function("() => document.pictureInPictureElement !== null")
        await page.keyboard.press("i")
        await page.wait_for_function("() => document.pictureInPictureElement === null")

        was_muted = await page.evaluate(f"{VIDEO}.muted")
        await page.keyboard.press("m")
        await page.wait_for_function(f"() => {VIDEO}.muted === {str(not was_muted).lower()}")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("ArrowDown")
        await page.wait_for_function(f"() => Math.abs({VIDEO}.volume - 0.9) < 0.001")
        await page.keyboard.press("ArrowUp")
        await page.wait_for_function(f"() => Math.abs({VIDEO}.volume - 0.95) < 0.001 && !{VIDEO}.muted")

        await page.wait_for_function(HAS_PLAYED_A_WHILE)
        await page.keyboard.press(" ")
        await page.wait_for_function(f"() => {VIDEO}.paused")
        before = await page.evaluate(f"{VIDEO}.currentTime")
        await page.keyboard.press("ArrowLeft")
        await page.wait_for_function(f"() => {VIDEO}.currentTime < {before} - 3")
        back = await page.evaluate(f"{VIDEO}.currentTime")
        await page.keyboard.press("ArrowRight")
        await page.wait_for_function(f"() => {VIDEO}.currentTime > {back} + 3")
        await page.keyboard.press("k")
        await person.sees_video_move()


async def test_keys_outside_the_player_scroll_the_page_or_go_to_the_focused_link(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path
) -> None:
    streamer, viewer = await new_person(), await new_person(viewport={"width": 900, "height": 500})
    await streamer.register(name)
    with publishing(f"{site.rtmp_url}/{await streamer.stream_key()}", encoder_log):
        page = await _watching_page(viewer, f"/c/{name}")
        volume = await page.evaluate(f"{VIDEO}.volume")

        await page.keyboard.press("ArrowDown")
        await page.wait_for_function("() => scrollY > 0")
        down = await page.evaluate("scrollY")
        await page.keyboard.press(" ")
        await page.wait_for_function(f"() => scrollY > {down}")
        for focused in ("Follow", "Sign in"):
            await page.get_by_role("link", name=focused).first.focus()
            for key in "ftkm":
                await page.keyboard.press(key)

        assert await page.evaluate(f"[{VIDEO}.volume, {VIDEO}.paused]") == [volume, False]
        assert await page.evaluate("document.fullscreenElement") is None
        await expect(page.locator(".player__theatre[aria-pressed='true']")).to_have_count(0)

        await page.evaluate("document.activeElement.blur()")
        await page.keyboard.press("k")
        await page.wait_for_function(f"() => {VIDEO}.paused")


async def test_letter_keys_are_listed_and_can_be_switched_off_permanently(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path
) -> None:
    person = await new_person()
    await person.register(name)
    with publishing(f"{site.rtmp_url}/{await person.stream_key()}", encoder_log):
        page = await _watching_page(person, f"/c/{name}")
        keys = page.get_by_role("region", name="Keyboard shortcuts")

        await page.keyboard.press("?")
        await expect(keys).to_contain_text("Play or pause")
        await keys.get_by_role("checkbox", name="Single-character shortcuts").uncheck()
        await page.keyboard.press("Escape")
        await expect(keys).to_have_count(0)

        for _ in range(2):
            await page.locator("live-video").focus()
            for key in "kt":
                await page.keyboard.press(key)
            await expect(page.locator(".player__theatre[aria-pressed='true']")).to_have_count(0)
            assert not await page.evaluate(f"{VIDEO}.paused")
            await page.reload()
            await person.sees_video_move()

        await page.locator("live-video").focus()
        await page.keyboard.press(" ")
        await page.wait_for_function(f"() => {VIDEO}.paused")
        await page.keyboard.press("?")
        await keys.get_by_role("checkbox", name="Single-character shortcuts").check()
        await page.keyboard.press("k")
        await page.wait_for_function(f"() => !{VIDEO}.paused")


async def test_player_controls_have_accessible_names_and_one_tab_stop_each(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path
) -> None:
    person = await new_person()
    await person.register(name)
    with publishing(f"{site.rtmp_url}/{await person.stream_key()}", encoder_log):
        page = await _watching_page(person, f"/c/{name}")
        await page.wait_for_function("() => Number(document.querySelector('.player__seek input')?.max) >= 10")
        await page.locator("live-video").focus()

        stops: list[str] = []
        while "Fullscreen" not in stops:
            assert len(stops) < 30, f"Tab reached only {stops}"
            await page.keyboard.press("Tab")
            stops.append(await page.evaluate(FOCUSED))

        assert [stop for stop in stops if stop != "Quality"] == [
            "Seek",
            "Pause",
            "Mute" if not await page.evaluate(f"{VIDEO}.muted") else "Unmute",
            "Volume 100%" if not await page.evaluate(f"{VIDEO}.muted") else "Volume 0%",
            "Statistics",
            "Keyboard shortcuts",
            "Picture in picture",
            "Theatre mode",
            "Fullscreen",
        ]
        await expect(page.get_by_role("slider", name="Seek")).to_have_attribute("aria-valuetext", "Live")


async def test_keys_typed_into_a_field_do_not_control_the_player(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path
) -> None:
    person = await new_person()
    await person.register(name)
    with publishing(f"{site.rtmp_url}/{await person.stream_key()}", encoder_log):
        page = await _watching_page(person, f"/c/{name}")
        sound = await page.evaluate(f"[{VIDEO}.muted, {VIDEO}.volume]")
        box = page.get_by_role("textbox", name="Message")

        await box.press_sequentially("k m t f i ")
        for key in ("ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"):
            await box.press(key)

        await expect(box).to_have_value("k m t f i ")
        await expect(page.locator(".player__theatre[aria-pressed='true']")).to_have_count(0)
        assert await page.evaluate("[document.fullscreenElement, document.pictureInPictureElement]") == [None, None]
        assert await page.evaluate(f"[{VIDEO}.muted, {VIDEO}.volume]") == sound
        assert not await page.evaluate(f"{VIDEO}.paused")
        await person.sees_video_move()


async def _watching_page(person: Person, path: str) -> Page:
    """Return the page of a channel whose video plays. No control has the focus."""
    await person.go(path)
    await person.sees_video_move()
    await person.page.get_by_role("main").focus()
    return person.page
