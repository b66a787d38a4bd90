"""The main use of the site by a streamer and a viewer, in two browsers with real video."""

from pathlib import Path

from playwright.async_api import Page, WebSocket, expect

from tests.e2e.conftest import NewPerson
from tests.rig.conditions import until, until_async
from tests.rig.ffmpeg import publisher, publishing
from tests.rig.site import Site
from tests.rig.site_store import open_store_of

NOTE_BADGES = """() => {
  const facts = document.querySelector(".about__facts");
  window.badges = [];
  const note = () => window.badges.push(facts.querySelector(".badge")?.textContent);
  new MutationObserver(note).observe(facts, { childList: true, subtree: true, characterData: true });
}"""
"""Records every text that the channel's badge shows from now on."""


async def test_a_new_user_goes_live_and_a_viewer_watches_and_chats(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path
) -> None:
    streamer, viewer = await new_person(), await new_person()
    await viewer.go("/")
    await expect(viewer.page.get_by_text("No one is live right now")).to_be_visible()
    await streamer.register_by_form(name)
    key = await streamer.stream_key()

    with publishing(f"{site.rtmp_url}/{key}", encoder_log):
        await expect(streamer.page.locator("[data-stream=live]")).to_be_visible()
        await streamer.sees_video_move()
        await viewer.card(f"{name}'s stream").get_by_role("link").click()
        await viewer.sees_video_move()

        await viewer.register(f"{name}-fan")
        await viewer.go(f"/c/{name}")
        await viewer.say("hello from the first row")
        await expect(streamer.chat_lines()).to_have_text(["hello from the first row"])
        await streamer.say("welcome, first row")
        await expect(viewer.chat_lines()).to_have_text(["hello from the first row", "welcome, first row"])
        await viewer.sees_video_move()

    await expect(viewer.stream_badge()).to_have_text("Reconnecting")
    await expect(viewer.stream_badge()).to_have_text("Offline")
    await expect(streamer.page.locator("[data-stream=offline]")).to_be_visible()
    assert name not in site.live()
    await viewer.page.reload()
    await expect(viewer.chat_lines()).to_have_text(["hello from the first row", "welcome, first row"])


async def test_a_returning_publisher_continues_the_same_stream(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path
) -> None:
    streamer, viewer = await new_person(), await new_person()
    await streamer.register(name)
    address = f"{site.rtmp_url}/{await streamer.stream_key()}"
    await viewer.go(f"/c/{name}")
    await expect(viewer.page.get_by_text("This page will start playing when the stream begins.")).to_be_visible()

    first = publisher(address, encoder_log)
    await viewer.sees_video_move()
    await viewer.page.evaluate(NOTE_BADGES)
    first.kill()
    await expect(viewer.stream_badge()).to_have_text("Reconnecting")
    with publishing(address, encoder_log):
        await expect(viewer.stream_badge()).to_have_text("LIVE")
        await viewer.sees_video_move()

    assert "Offline" not in await viewer.page.evaluate("window.badges")


async def test_ending_the_stream_in_the_studio_ends_it_for_everyone_at_once(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path
) -> None:
    streamer, viewer = await new_person(), await new_person()
    await streamer.register(name)
    address = f"{site.rtmp_url}/{await streamer.stream_key()}"
    await viewer.go("/")

    encoder = publisher(address, encoder_log)
    await expect(viewer.card(f"{name}'s stream")).to_be_visible()
    await streamer.page.get_by_role("button", name="End stream").click()
    await streamer.page.get_by_role("button", name="End it now").click()

    await expect(viewer.card(f"{name}'s stream")).to_have_count(0)
    encoder.wait_until_ended()
    again = publisher(address, encoder_log)  # as OBS does automatically
    assert again.wait_until_ended() != 0
    assert name not in site.live()


async def test_viewers_are_informed_of_the_end_of_the_stream_and_can_open_its_recording(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path
) -> None:
    streamer, viewer = await new_person(), await new_person()
    await streamer.register(name)
    address = f"{site.rtmp_url}/{await streamer.stream_key()}"
    await streamer.page.get_by_role("switch", name="Record my streams").click()
    await expect(streamer.page.get_by_text("Your streams will be recorded.")).to_be_visible()
    await viewer.go(f"/c/{name}")
    encoder = publisher(address, encoder_log)
    await viewer.sees_video_move()
    await streamer.sees_video_move()
    assert await streamer.page.locator("live-video video").evaluate("(video) => video.muted")
    await _until_recorded(site, name)

    await streamer.page.get_by_role("button", name="End stream").click()
    await streamer.page.get_by_role("button", name="End it now").click()

    await expect(streamer.page.get_by_text("You are offline")).to_be_visible()
    await expect(viewer.page.get_by_text("Stream ended")).to_be_visible()
    await expect(viewer.page.locator("live-video video")).to_have_js_property("paused", value=True)
    await viewer.page.get_by_role("link", name="Watch the recording").click()
    await expect(viewer.page.locator("recorded-video")).to_be_visible()
    encoder.wait_until_ended()


async def _until_recorded(site: Site, slug: str) -> None:
    async with open_store_of(site) as store:
        channel = await store.channels.get_by_slug(slug)

        async def is_recorded() -> bool:
            return any(each.seconds for each in await store.recordings.of_channel(channel.channel_id, 1))

        await until_async(is_recorded, "something was recorded")


async def test_a_new_title_reaches_the_live_list_without_a_reload(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path
) -> None:
    streamer, viewer = await new_person(), await new_person()
    await streamer.register(name)
    key = await streamer.stream_key()
    await viewer.go("/")

    with publishing(f"{site.rtmp_url}/{key}", encoder_log):
        await expect(viewer.card(f"{name}'s stream")).to_be_visible()
        await streamer.page.get_by_label("Title").fill("Chess until midnight")
        await streamer.page.get_by_label("Category").fill("Chess")
        await streamer.page.get_by_role("button", name="Save").click()

        await expect(viewer.card("Chess until midnight")).to_contain_text("Chess")
        await expect(viewer.card("Chess until midnight").locator("img")).to_be_visible()


async def test_a_new_title_reaches_an_open_watch_page_without_a_request(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path
) -> None:
    streamer, viewer = await new_person(), await new_person()
    await streamer.register(name)
    key = await streamer.stream_key()
    asked = questions_of(viewer.page)
    await viewer.go(f"/c/{name}")
    title = viewer.page.locator(".about__title")
    await expect(title).to_have_text(f"{name}'s stream")

    with publishing(f"{site.rtmp_url}/{key}", encoder_log):
        await viewer.sees_video_move()
        asked.clear()
        await streamer.page.get_by_label("Title").fill("Chess until midnight")
        await streamer.page.get_by_role("button", name="Save").click()
        await expect(title).to_have_text("Chess until midnight")
        await expect(viewer.page).to_have_title(f"Chess until midnight · {name}")

    await expect(viewer.stream_badge()).to_have_text("Reconnecting")
    assert asked == []


async def test_open_pages_do_not_reload_data_they_have_just_loaded(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path
) -> None:
    streamer, viewer = await new_person(), await new_person()
    await streamer.register(name)
    with publishing(f"{site.rtmp_url}/{await streamer.stream_key()}", encoder_log):
        await expect(streamer.page.locator("[data-stream=live]")).to_be_visible()
        await until(lambda: site.live() == [name], "the streams of earlier tests have ended, so that the list is final")
        asked = questions_of(viewer.page)
        await viewer.go("/")
        await expect(viewer.card(f"{name}'s stream")).to_be_visible()
        await viewer.page.get_by_role("link", name=f"{name}'s stream").click()
        await viewer.sees_video_move()

    assert not [question for question in asked if "refresh" in question or "stream_ended" in question]


def questions_of(page: Page) -> list[str]:
    """Return a list to which all events are added that the page sends to the server from now on."""
    asked: list[str] = []

    def note(frame: str | bytes) -> None:
        text = frame if isinstance(frame, str) else ""
        if '"event"' in text:
            asked.append(text)

    def connected(socket: WebSocket) -> None:
        if "_event" in socket.url:
            socket.on("framesent", note)

    page.on("websocket", connected)
    return asked


async def test_the_longest_title_does_not_scroll_a_phone_sideways(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path
) -> None:
    streamer, viewer = await new_person(), await new_person(viewport={"width": 390, "height": 844})
    await streamer.register(name)
    address = f"{site.rtmp_url}/{await streamer.stream_key()}"
    await streamer.page.get_by_label("Title").fill("a" * 140)
    await streamer.page.get_by_label("Category").fill("b" * 40)
    await streamer.page.get_by_role("button", name="Save").click()
    await expect(streamer.page.get_by_text("Saved. Viewers see it now.")).to_be_visible()

    with publishing(address, encoder_log):
        for path in ("/", f"/c/{name}"):
            await viewer.go(path)
            await expect(viewer.page.get_by_text("a" * 140)).to_be_visible()
            assert await viewer.page.evaluate("document.documentElement.scrollWidth") == 390


async def test_the_layout_on_a_phone_does_not_shift_when_a_stream_drops_and_ends(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path
) -> None:
    streamer = await new_person()
    viewers = {width: await new_person(viewport={"width": width, "height": 844}) for width in (390, 360)}
    await streamer.register(name)
    address = f"{site.rtmp_url}/{await streamer.stream_key()}"
    places: dict[tuple[str, int], object] = {}

    encoder = publisher(address, encoder_log)
    for viewer in viewers.values():
        await viewer.go(f"/c/{name}")
        await viewer.sees_video_move()
    for badge in ("LIVE", "Reconnecting", "Offline"):
        for width, viewer in viewers.items():
            await expect(viewer.stream_badge()).to_have_text(badge)
            places[badge, width] = await viewer.page.locator(".watch__chat").bounding_box()
        encoder.kill()

    for width in viewers:
        assert places["Reconnecting", width] == places["LIVE", width], width
        assert places["Offline", width] == places["LIVE", width], width


async def test_an_unknown_channel_with_the_longest_address_is_not_found(site: Site, new_person: NewPerson) -> None:
    visitor = await new_person()

    answer = await visitor.page.goto(f"{site.url}/c/{'a' * 6000}")

    assert answer is not None
    assert answer.status == 404
    await expect(visitor.page.get_by_role("heading", name="There is no such channel")).to_be_visible()


async def test_an_unknown_channel_is_not_found(site: Site, new_person: NewPerson) -> None:
    visitor = await new_person()

    answer = await visitor.page.goto(f"{site.url}/c/nobody-at-all")

    assert answer is not None
    assert answer.status == 404
    await expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
