"""The player in a real browser: low latency, the fallback to plain HLS, seeking back and returning to live."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Route, expect

from tests.e2e.conftest import NewPerson
from tests.e2e.people import FETCHES_FROM, PATIENCE_MS, Person
from tests.rig.ffmpeg import publisher, publishing
from tests.rig.site import Site
from tests.rig.site_accounts import create_account

PACKAGER = "backend.packager"
"""End of the packager's command line."""
HAS_WINDOW = "(seconds) => Number(document.querySelector('.player__seek input')?.max) >= seconds"
PLAYS_LOW_LATENCY = """() => {
  const { api } = document.querySelector("live-video");
  return api.lowLatencyMode && api.latestLevelDetails?.partList?.length > 0;
}"""
RATE = "() => document.querySelector('live-video').playbackRate"
TIME = "() => document.querySelector('live-video').currentTime"
NEWEST_SEGMENT = "() => document.querySelector('live-video').api.latestLevelDetails.endSN"
HAS_NEWER = """(before) => {
  const details = document.querySelector("live-video").api?.latestLevelDetails;
  return details?.partList && details.startSN > before + 1;
}"""
"""Whether the playlist comes from a new packager, whose segment numbers are far above those of the previous one."""
PLAYS_RENDITION = """(height) => {
  const { api } = document.querySelector("live-video");
  return !api.autoLevelEnabled && api.levels[api.currentLevel]?.height === height;
}"""
CHANGE_PICTURE_SIZE = """() => {
  const menu = document.querySelector("media-rendition-menu");
  menu.mediaHeight = menu.mediaHeight / 2;
}"""
"""Does what happens when the automatic choice changes the quality: the menu shows its items anew."""
SCRIPTS = """() => performance.getEntriesByType("resource").map((entry) => new URL(entry.name).pathname)
  .filter((path) => path.endsWith(".js"))"""
PRESS_AND_HEAR_OF_PROGRESS_FIRST = """(key) => {
  document.querySelector("live-video").dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  document.querySelector("live-video").dispatchEvent(new Event("timeupdate"));
}"""
"""Sends a ``timeupdate`` event before the events of the key's action. The order of these events is not defined."""
SLOW_NETWORK = {"offline": False, "latency": 1500, "downloadThroughput": -1, "uploadThroughput": -1}
"""Each request takes 1.5 s, and the first picture needs several in sequence."""
CLOSE_TO_THE_ENCODER = "() => parseFloat(document.querySelector('[data-stat=delay]').textContent) < 2"


@pytest_asyncio.fixture(loop_scope="session")
async def address(site: Site, name: str) -> str:
    """The RTMP URL of a new channel, which has the address ``/c/{name}``."""
    return f"{site.rtmp_url}/{(await create_account(site, name)).stream_key}"


@asynccontextmanager
async def _watching(viewer: Person, address: str, name: str, log: Path) -> AsyncGenerator[None]:
    """Publish a stream, and show it to the viewer while the block runs."""
    with publishing(address, log):
        await viewer.go(f"/c/{name}")
        await viewer.sees_video_from("/ll/")
        yield


async def _has_seen(viewer: Person, seconds: int) -> None:
    """Wait until the viewer can seek back by ``seconds``."""
    await viewer.page.wait_for_function(HAS_WINDOW, arg=seconds, timeout=60_000)


async def test_low_latency_hls_is_played_and_shown_in_the_statistics(
    site: Site, new_person: NewPerson, viewer: Person, name: str, encoder_log: Path
) -> None:
    streamer = await new_person()
    await streamer.register(name)
    address = f"{site.rtmp_url}/{await streamer.stream_key()}"
    async with _watching(viewer, address, name, encoder_log):
        await viewer.page.wait_for_function(PLAYS_LOW_LATENCY)

        await viewer.page.keyboard.press("s")
        statistics = viewer.page.get_by_role("region", name="Stream statistics")
        await expect(statistics).to_be_visible()
        await expect(viewer.statistic("mode")).to_have_text("Low latency")
        await expect(viewer.statistic("picture")).to_contain_text(re.compile("640.360"))
        await expect(viewer.statistic("ahead")).to_have_text(re.compile(r"^\d+\.\d\d s$"))
        await viewer.page.wait_for_function(CLOSE_TO_THE_ENCODER, timeout=PATIENCE_MS)

        await viewer.page.keyboard.press("Escape")
        await expect(statistics).to_have_count(0)
        await streamer.sees_video_from("/ll/")


async def test_going_to_another_live_channel_plays_it_and_empties_the_message_box(
    site: Site, new_person: NewPerson, address: str, name: str, tmp_path: Path
) -> None:
    other = await new_person()
    await other.register(f"{name}-b")
    key = await other.stream_key()
    with (
        publishing(address, tmp_path / "encoder.log"),
        publishing(f"{site.rtmp_url}/{key}", tmp_path / "other-encoder.log"),
    ):
        await other.go(f"/c/{name}")
        await other.sees_video_from("/ll/")
        box = other.page.get_by_role("textbox", name="Message")
        await box.fill("for this channel only")
        await other.account_menu().click()
        await other.page.get_by_role("link", name="Your channel").click()

        await expect(other.page.get_by_role("heading", name=f"{name}-b's stream")).to_be_visible()
        await other.sees_video_from(f"/ll/{key.partition('?')[0]}/")
        await expect(box).to_have_value("")
        await other.say("hello")
        await expect(other.chat_lines()).to_have_text(["hello"])


async def test_the_document_preloads_every_script_that_the_first_frame_needs(
    viewer: Person, address: str, name: str, encoder_log: Path
) -> None:
    async with _watching(viewer, address, name, encoder_log):
        loaded = set(await viewer.page.evaluate(SCRIPTS))

        document = await (await viewer.page.request.get(viewer.page.url)).text()
        assert any("live_player" in script for script in loaded)
        assert {script for script in loaded if f'href="{script}"' not in document} <= {"/site.js"}


async def test_a_slow_network_gets_the_mode_that_it_can_play(
    viewer: Person, address: str, name: str, encoder_log: Path
) -> None:
    await viewer.go("/")
    with publishing(address, encoder_log):
        await expect(viewer.card(f"{name}'s stream")).to_be_visible()
        network = await viewer.context.new_cdp_session(viewer.page)
        await network.send("Network.enable")
        await network.send("Network.emulateNetworkConditions", SLOW_NETWORK)
        await viewer.go(f"/c/{name}")
        await expect(viewer.page.locator(".player[data-phase=playing]")).to_be_visible(timeout=60_000)
        await expect(viewer.statistic("mode")).to_have_text("Plain HLS")  # the first mode that has a picture in time
        await expect(viewer.statistic("why")).to_have_text(re.compile("first picture takes too long"))


async def test_playback_starts_with_plain_hls_and_switches_to_low_latency_when_it_is_available(
    viewer: Person, address: str, name: str, encoder_log: Path
) -> None:
    multivariant = re.compile(r"/ll/[^/]+/index\.m3u8$")

    async with _watching(viewer, address, name, encoder_log):
        await viewer.page.route(multivariant, _redirect_to_plain_hls)
        await viewer.page.reload()
        await viewer.sees_video_from("/hls/")
        await viewer.page.keyboard.press("s")
        await expect(viewer.statistic("why")).to_contain_text("no low-latency video")

        await viewer.page.unroute(multivariant)
        await viewer.page.wait_for_function(FETCHES_FROM, arg="/ll/", timeout=90_000)
        await viewer.sees_video_from("/ll/")


async def test_a_stream_without_video_shows_a_notice(
    viewer: Person, address: str, name: str, encoder_log: Path
) -> None:
    await viewer.go(f"/c/{name}")
    encoder = publisher(address, encoder_log, options=["-vn"])
    try:
        await expect(viewer.page.locator(".player").get_by_text("Audio only")).to_be_visible()
        await expect(viewer.page.get_by_role("button", name="Pause")).to_be_visible()
    finally:
        encoder.stop()


async def test_a_stream_without_a_playlist_shows_what_the_player_waits_for(
    viewer: Person, address: str, name: str, encoder_log: Path
) -> None:
    for kind in ("ll", "hls"):
        await viewer.page.route(re.compile(rf"/{kind}/[^/]+/index\.m3u8$"), lambda route: route.fulfill(status=404))
    with publishing(address, encoder_log):
        await viewer.go(f"/c/{name}")
        await expect(viewer.page.get_by_text("not sending keyframes")).to_be_visible()

        await viewer.page.unroute_all()
        await viewer.sees_video_move()


async def test_plain_hls_is_played_without_the_packager_until_the_publisher_returns(
    site: Site, viewer: Person, address: str, name: str, encoder_log: Path
) -> None:
    await viewer.go(f"/c/{name}")
    first = publisher(address, encoder_log)
    await viewer.sees_video_from("/ll/")
    await viewer.page.keyboard.press("s")

    with site.frozen(PACKAGER):
        await viewer.sees_video_from("/hls/")
        await expect(viewer.statistic("mode")).to_have_text("Plain HLS")
        await expect(viewer.statistic("why")).to_contain_text("stopped answering")

    first.kill()
    await expect(viewer.stream_badge()).to_have_text("Reconnecting")
    with publishing(address, encoder_log):
        await viewer.sees_video_from("/ll/")
        await expect(viewer.statistic("why")).to_be_hidden()


@pytest.mark.parametrize("killed", ["packager", "packager-and-standby"])
async def test_low_latency_continues_after_the_packager_was_killed(
    site: Site, viewer: Person, address: str, name: str, encoder_log: Path, killed: str
) -> None:
    async with _watching(viewer, address, name, encoder_log):
        before = await viewer.page.evaluate(NEWEST_SEGMENT)

        if killed == "packager":
            site.serving_packager().kill()
        else:
            site.kill(PACKAGER)
        await viewer.page.wait_for_function(HAS_NEWER, arg=before, timeout=90_000)
        await viewer.sees_video_from("/ll/")
        await expect(viewer.stream_badge()).to_have_text("LIVE")


async def test_the_next_stream_is_played_from_its_start(
    viewer: Person, address: str, name: str, encoder_log: Path
) -> None:
    await viewer.go(f"/c/{name}")

    with publishing(address, encoder_log):
        await viewer.sees_video_from("/ll/")
        await _has_seen(viewer, 10)
    await expect(viewer.stream_badge()).to_have_text("Offline")
    with publishing(address, encoder_log):
        await viewer.sees_video_from("/ll/")
        await viewer.page.keyboard.press("s")
        await viewer.page.wait_for_function(CLOSE_TO_THE_ENCODER, timeout=PATIENCE_MS)


async def test_a_quality_can_be_chosen(viewer: Person, address: str, name: str, encoder_log: Path) -> None:
    await viewer.page.route(re.compile(r"/ll/[^/]+/index\.m3u8$"), _offer_two_qualities)

    async with _watching(viewer, address, name, encoder_log):
        button = viewer.page.get_by_role("button", name="Quality")
        item = viewer.page.get_by_role("menuitemradio", name="180p", exact=True)
        await button.click()
        await expect(viewer.page.get_by_role("menuitemradio", name="360p", exact=True)).to_be_focused()
        await viewer.page.keyboard.press("End")
        await viewer.page.keyboard.press("ArrowUp")
        await expect(item).to_be_focused()
        await viewer.page.evaluate(CHANGE_PICTURE_SIZE)
        await expect(item).to_be_focused()
        await viewer.stream_badge().click()
        await expect(item).to_be_hidden()

        await button.click()
        await item.click()

        await viewer.page.wait_for_function(PLAYS_RENDITION, arg=180, timeout=PATIENCE_MS)
        await viewer.sees_video_from("/ll/")


async def test_viewers_can_seek_back_and_return_to_live(
    viewer: Person, address: str, name: str, encoder_log: Path
) -> None:
    async with _watching(viewer, address, name, encoder_log):
        await _has_seen(viewer, 12)
        bar, back = _bar(viewer), viewer.page.get_by_role("button", name="Back to live")
        await expect(bar).to_have_attribute("aria-valuetext", "Live")
        await expect(back).to_have_count(0)

        for _ in range(2):
            await viewer.page.evaluate(PRESS_AND_HEAR_OF_PROGRESS_FIRST, "ArrowLeft")
        await expect(back).to_be_visible()
        await expect(bar).to_have_attribute("aria-valuetext", re.compile(r"^1\d s behind live$"))
        await viewer.sees_video_move()
        assert await viewer.page.evaluate(RATE) == 1  # no catch-up speed after seeking back on purpose

        await back.click()
        await expect(bar).to_have_attribute("aria-valuetext", "Live")
        await expect(back).to_have_count(0)
        await viewer.sees_video_move()


async def test_playback_continues_where_it_was_paused(
    viewer: Person, address: str, name: str, encoder_log: Path
) -> None:
    async with _watching(viewer, address, name, encoder_log):
        await viewer.page.keyboard.press("k")
        paused_at = await viewer.page.evaluate(TIME)
        await expect(_bar(viewer)).to_have_attribute(
            "aria-valuetext", re.compile(r"^1\d s behind live$"), timeout=60_000
        )
        assert await viewer.page.evaluate(TIME) == paused_at

        await viewer.page.evaluate(PRESS_AND_HEAR_OF_PROGRESS_FIRST, "k")
        await viewer.sees_video_move()
        await expect(viewer.page.get_by_role("button", name="Back to live")).to_be_visible()
        await viewer.page.keyboard.press("l")
        await expect(_bar(viewer)).to_have_attribute("aria-valuetext", "Live")


async def _redirect_to_plain_hls(route: Route) -> None:
    """Answer as nginx does while there is no low latency."""
    await route.fulfill(status=302, headers={"Location": route.request.url.replace("/ll/", "/hls/")})


async def _offer_two_qualities(route: Route) -> None:
    """Answer with a master playlist that lists the same video twice, with different heights."""
    answer = await route.fetch()
    playlist = await answer.text()
    smaller = re.sub(r"BANDWIDTH=\d+", "BANDWIDTH=100000", playlist.partition("#EXT-X-STREAM-INF")[2])
    smaller = smaller.replace("640x360", "320x180").replace("index.m3u8", "index.m3u8?smaller")
    await route.fulfill(response=answer, body=f"{playlist}#EXT-X-STREAM-INF{smaller}")


def _bar(viewer: Person) -> Locator:
    return viewer.page.get_by_role("slider", name="Seek")
