"""The layout on different screens: no horizontal scrolling, readable text, and controls large enough for touch."""

import asyncio
from itertools import pairwise
from pathlib import Path

from playwright.async_api import Route, expect

from streaming_app.backend.accounts.cookies import SESSION_COOKIE
from tests.e2e.conftest import NewPerson
from tests.e2e.people import Person
from tests.rig.ffmpeg import publishing
from tests.rig.site import Site

LONG_TITLE = "Sunday morning coding: building a streaming site from scratch, with your questions"
SCROLLS_SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
BUTTONS = """() => [...document.querySelectorAll(".player media-control-bar > :is([role=button], button)")]
  .map((button) => button.getBoundingClientRect()).filter(({ width }) => width)
  .map(({ width, height, top }) => [Math.round(width), Math.round(height), Math.round(top)])"""
IS_CUT = "(element) => element.scrollHeight > element.clientHeight + 1 || element.scrollWidth > element.clientWidth + 1"
NARROW = (320, 360)
PUBLIC = ("/", "/developers", "/login", "/register", "/no-such-page", "/c/no-such-channel")


async def _fits(person: Person, path: str) -> None:
    """Check that a page does not scroll sideways on narrow screens."""
    await person.page.set_viewport_size({"width": min(NARROW), "height": 640})
    await person.go(path)
    await expect(person.page.get_by_role("main")).to_be_visible()
    await expect(person.page.locator("main h1").first).to_be_attached()

    for width in NARROW:
        await person.page.set_viewport_size({"width": width, "height": 640})
        assert not await person.page.evaluate(SCROLLS_SIDEWAYS), f"{path} at {width} pixels"


async def test_no_page_scrolls_sideways_on_a_narrow_screen(new_person: NewPerson, name: str) -> None:
    visitor, owner = await new_person(), await new_person()
    await owner.register(name)

    for path in (*PUBLIC, f"/c/{name}"):
        await _fits(visitor, path)
    for path in ("/", "/studio", "/settings", "/settings/tokens", f"/c/{name}", f"/c/{name}/moderation"):
        await _fits(owner, path)


async def test_player_buttons_are_large_enough_and_in_one_row(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path
) -> None:
    streamer = await new_person()
    await streamer.register(name)
    with publishing(f"{site.rtmp_url}/{await streamer.stream_key()}", encoder_log):
        for touch, least in ((False, 40), (True, 44)):
            viewer = await new_person(viewport={"width": 360, "height": 740}, has_touch=touch, is_mobile=touch)
            await viewer.go(f"/c/{name}")
            await viewer.sees_video_move()

            buttons = await viewer.page.evaluate(BUTTONS)

            shown = f"{buttons} on a screen {'with' if touch else 'without'} touch"
            assert len(buttons) >= 4, shown
            assert all(width >= least and height >= least for width, height, _ in buttons), shown
            assert len({top for _, _, top in buttons}) == 1, shown


async def test_a_phone_in_landscape_shows_the_whole_player_with_its_controls(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path
) -> None:
    streamer = await new_person()
    viewer = await new_person(viewport={"width": 844, "height": 390}, has_touch=True, is_mobile=True)
    await streamer.register(name)
    with publishing(f"{site.rtmp_url}/{await streamer.stream_key()}", encoder_log):
        await viewer.go(f"/c/{name}")
        await viewer.sees_video_move()

        for width, height in ((844, 390), (740, 360)):
            await viewer.page.set_viewport_size({"width": width, "height": height})
            for part in (".player", ".player media-control-bar"):
                box = await viewer.page.locator(part).bounding_box()
                assert box is not None
                assert box["y"] >= 0
                assert box["y"] + box["height"] <= height, (width, part)


async def test_a_long_title_can_be_read_completely(new_person: NewPerson, name: str) -> None:
    streamer, viewer = await new_person(), await new_person()
    await streamer.register(name)
    await streamer.go("/studio")
    await streamer.page.get_by_label("Title").fill(LONG_TITLE)
    await streamer.page.get_by_role("button", name="Save").click()
    await expect(streamer.page.get_by_text("Saved. Viewers see it now.")).to_be_visible()

    await viewer.go(f"/c/{name}")
    title = viewer.page.get_by_role("heading", level=1, name=LONG_TITLE)
    await expect(title).to_be_visible()

    for width in (320, 390, 768, 1100, 1440):
        await viewer.page.set_viewport_size({"width": width, "height": 800})
        assert not await title.evaluate(IS_CUT), width
    await viewer.page.set_viewport_size({"width": 320, "height": 640})
    assert not await viewer.page.locator(".watch__screen").evaluate(IS_CUT), "the chat lies over what follows"


async def test_the_details_below_the_player_are_as_wide_as_the_player(new_person: NewPerson, name: str) -> None:
    streamer, viewer = await new_person(), await new_person(viewport={"width": 1920, "height": 1080})
    await streamer.register(name)
    await viewer.go(f"/c/{name}")
    share = viewer.page.get_by_role("button", name="Share a link to this channel")
    await expect(share).to_be_visible()

    stage, button = await viewer.page.locator(".watch__stage").bounding_box(), await share.bounding_box()

    assert stage is not None
    assert button is not None
    assert stage["x"] + stage["width"] - (button["x"] + button["width"]) <= 40


async def test_a_single_live_stream_fills_the_row(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path
) -> None:
    streamer, viewer = await new_person(), await new_person(viewport={"width": 1440, "height": 900})
    await streamer.register(name)
    with publishing(f"{site.rtmp_url}/{await streamer.stream_key()}", encoder_log):
        await viewer.go("/")
        card = viewer.card(f"{name}'s stream")
        await expect(card).to_be_visible()
        await expect(viewer.page.locator(".stream-grid > *")).to_have_count(1)

        grid, only = await viewer.page.locator(".stream-grid").bounding_box(), await card.bounding_box()

    assert grid is not None
    assert only is not None
    assert only["width"] == grid["width"]


async def test_moderation_panels_form_columns_without_gaps(new_person: NewPerson, name: str) -> None:
    owner = await new_person(viewport={"width": 1024, "height": 900})
    await owner.register(name)
    await owner.go(f"/c/{name}/moderation")

    for width in (1024, 1440):
        await owner.page.set_viewport_size({"width": width, "height": 900})
        boxes = [
            await owner.page.locator("section.panel")
            .filter(has=owner.page.get_by_role("heading", name=title))
            .bounding_box()
            for title in ("Held messages", "Bans and timeouts", "Moderators", "Log")
        ]

        for upper, lower in pairwise(boxes):
            assert upper is not None, width
            assert lower is not None, width
            assert upper["x"] == lower["x"], width
            assert 0 < lower["y"] - (upper["y"] + upper["height"]) <= 40, width


async def test_the_studio_does_not_move_when_the_player_appears(new_person: NewPerson, name: str) -> None:
    owner = await new_person(viewport={"width": 1440, "height": 900})
    page = owner.page
    await owner.register(name)
    player_can_load = asyncio.Event()

    async def later(route: Route) -> None:
        await player_can_load.wait()
        await route.continue_()

    await page.route("**/live_player*.js", later)
    await owner.go("/studio")
    words = page.get_by_text("This page updates when your stream starts.")
    await expect(words).to_be_visible()
    before = await words.bounding_box()

    player_can_load.set()
    await expect(page.locator(".player")).to_be_visible()

    assert await words.bounding_box() == before


async def test_the_logo_has_the_same_position_on_every_page(new_person: NewPerson, name: str) -> None:
    streamer, viewer = await new_person(), await new_person(viewport={"width": 1920, "height": 1080})
    await streamer.register(name)

    places: list[object] = []
    for path in ("/", f"/c/{name}", "/login"):
        await viewer.go(path)
        logo = viewer.page.locator(".logo")
        await expect(logo).to_be_visible()
        places.append(await logo.bounding_box())

    assert places[0] == places[1] == places[2]


async def test_a_signed_in_page_never_shows_content_for_visitors(new_person: NewPerson, name: str) -> None:
    """Check the HTML document, which the browser shows before the page knows the user."""
    person, document = await new_person(), await new_person(java_script_enabled=False)
    visitor_document = await new_person(java_script_enabled=False)
    await person.register(name)
    await document.context.add_cookies(await person.context.cookies())  # type: ignore[arg-type]

    for page, count in ((document.page, 0), (visitor_document.page, 1)):
        await page.goto(person.url)
        await expect(page.get_by_role("heading", name="Live now")).to_be_visible()
        await expect(page.locator(".intro:visible")).to_have_count(count)
        await expect(page.get_by_role("link", name="Sign up").locator("visible=true")).to_have_count(count)


async def test_a_page_with_an_expired_session_shows_content_for_visitors(site: Site, new_person: NewPerson) -> None:
    visitor = await new_person()
    await visitor.context.add_cookies([{"name": SESSION_COOKIE, "value": "expired", "url": site.url}])

    await visitor.go("/")

    await expect(visitor.page.locator(".intro")).to_be_visible()
    await expect(visitor.page.get_by_role("link", name="Sign in").first).to_be_visible()
