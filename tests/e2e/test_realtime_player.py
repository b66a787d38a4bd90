"""Real time in a real browser: picture and sound, and what is played where its websocket does not work."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect

from tests.e2e.people import Person
from tests.rig.chromium import SOUND_AFTER_GESTURE, running_chromium
from tests.rig.conditions import until_async
from tests.rig.ffmpeg import publishing

LISTEN = """
  const { connect } = AudioNode.prototype;
  window.outputs = [];
  AudioNode.prototype.connect = function (target, ...others) {
    if (target instanceof AudioDestinationNode) {
      const output = new AnalyserNode(this.context);
      window.outputs.push(output);
      connect.call(this, output);
    }
    return connect.call(this, target, ...others);
  };
"""
HAS_SOUND = """() => window.outputs.some((output) => {
  const samples = new Float32Array(output.fftSize);
  output.getFloatTimeDomainData(samples);
  return samples.some((sample) => Math.abs(sample) > 0.02);
})"""
NOTE_EARLY_PICTURE = """
  window.early = { events: [] };
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const node of addedNodes) if (node.className === "early-player") {
      early.video = node.firstChild;
      early.wasFirst = !document.querySelector("main");
      for (const type of ["playing", "pause", "emptied"]) {
        early.video.addEventListener(type, () => early.events.push(type));
      }
    }
  }).observe(document, { subtree: true, childList: true });
"""
"""Notes the video that is in the page before the app, and what happens to it."""
SAY_WHEN_MUTED = """
  new MutationObserver(() => document.querySelector(".player[data-autoplay-muted]") && console.log("muted"))
    .observe(document, { subtree: true, childList: true, attributeFilter: ["data-autoplay-muted"] });
"""
"""For a page that the test may not look into: Chromium takes a look for a gesture of the viewer."""
COLLECT_COVERS = """
  window.covers = new Set();
  new MutationObserver(() => covers.add(document.querySelector(".player")?.dataset.cover))
    .observe(document, { subtree: true, childList: true, attributeFilter: ["data-cover"] });
"""
"""Collects what the player has shown over the picture, such as ``loading`` or ``trouble``."""
REFUSED = """
  window.WebSocket = class extends WebSocket {
    constructor(url, ...others) { super(String(url).replace("/rt/", "/no-such-path/"), ...others); }
  };
"""


async def test_a_channel_in_real_time_plays_picture_and_sound(
    viewer: Person, realtime_address: str, name: str, encoder_log: Path
) -> None:
    await viewer.page.add_init_script(LISTEN)

    with publishing(realtime_address, encoder_log):
        await viewer.go(f"/c/{name}")
        await viewer.sees_video_move()

        await expect(viewer.statistic("mode")).to_have_text("Real time")
        await viewer.page.wait_for_function(HAS_SOUND)
        await viewer.sees_video_move()
        await expect(viewer.statistic("mode")).to_have_text("Real time")


@pytest.mark.parametrize("how", ["refused", "closed", "silent"])
async def test_low_latency_replaces_a_blocked_websocket_without_a_message(
    viewer: Person, realtime_address: str, name: str, encoder_log: Path, how: str
) -> None:
    await _block(viewer.page, how)
    await viewer.page.add_init_script(COLLECT_COVERS)

    with publishing(realtime_address, encoder_log):
        await _until_live(viewer, realtime_address)
        await viewer.go(f"/c/{name}")
        await viewer.sees_video_from("/ll/")

        await expect(viewer.statistic("mode")).to_have_text("Low latency")
        await expect(viewer.statistic("why")).not_to_be_empty()
        assert "trouble" not in await viewer.page.evaluate("[...covers]")


async def _until_live(viewer: Person, address: str) -> None:
    """Wait until the stream has low-latency video."""
    channel_id = address.rpartition("/")[2].partition("?")[0]

    async def has_segments() -> bool:
        answer = await viewer.page.request.get(f"{viewer.url}/ll/{channel_id}/source/index.m3u8")
        return "#EXTINF" in await answer.text()

    await until_async(has_segments, "the stream had segments")


async def _block(page: Page, how: str) -> None:
    """Make the websocket of frames useless: refused by the server, closed at once, or open without any message."""
    if how == "refused":
        await page.add_init_script(REFUSED)
    else:
        await page.route_web_socket("**/rt/**", lambda socket: socket.close() if how == "closed" else None)


async def test_the_document_plays_the_video_that_the_player_continues(
    viewer: Person, realtime_address: str, name: str, encoder_log: Path
) -> None:
    paths: list[str] = []
    errors: list[str] = []
    viewer.page.on("websocket", lambda socket: paths.append(urlsplit(socket.url).path))
    viewer.page.on("pageerror", lambda error: errors.append(error.message))
    await viewer.page.add_init_script(NOTE_EARLY_PICTURE)

    with publishing(realtime_address, encoder_log):
        await _until_live(viewer, realtime_address)
        await viewer.go(f"/c/{name}")
        await viewer.sees_video_move()

    assert len([path for path in paths if path.startswith("/rt/")]) == 1
    assert await viewer.page.evaluate("early.wasFirst")
    assert await viewer.page.evaluate("early.video === document.querySelector('live-video').nativeEl")
    assert set(await viewer.page.evaluate("early.events")) == {"playing"}, "the player changes nothing"
    assert await viewer.page.evaluate("window.earlyPlayback === undefined")
    assert await viewer.page.locator(".early-player").count() == 0
    assert not errors


async def test_a_browser_that_blocks_sound_plays_muted_until_the_viewer_turns_the_sound_on(
    viewer: Person, realtime_address: str, name: str, encoder_log: Path
) -> None:
    with publishing(realtime_address, encoder_log):
        await _until_live(viewer, realtime_address)
        async with running_chromium(SOUND_AFTER_GESTURE) as browser:
            page = await browser.new_page()
            await page.add_init_script(LISTEN + SAY_WHEN_MUTED)
            async with page.expect_console_message(lambda message: message.text == "muted"):
                await page.goto(f"{viewer.url}/c/{name}")

            await expect(page.locator(".player__unmute")).to_be_visible()
            await page.locator(".player__unmute").click()
            await page.wait_for_function(HAS_SOUND)
            await expect(page.locator(".player__unmute")).to_be_hidden()


async def test_a_page_that_waits_for_the_stream_begins_in_real_time(
    viewer: Person, realtime_address: str, name: str, encoder_log: Path
) -> None:
    playlists: list[str] = []
    viewer.page.on("request", lambda request: playlists.append(request.url) if ".m3u8" in request.url else None)
    await viewer.go(f"/c/{name}")
    await expect(viewer.page.locator("[data-phase=idle]")).to_be_visible()

    with publishing(realtime_address, encoder_log):
        await viewer.sees_video_move()

        await expect(viewer.statistic("mode")).to_have_text("Real time")
    assert playlists == []
