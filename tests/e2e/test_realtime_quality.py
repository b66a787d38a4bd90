"""The menu "Quality" of a real-time stream that the site transcodes."""

import re
from pathlib import Path

from playwright.async_api import expect

from tests.e2e.people import Person
from tests.rig.ffmpeg import publishing

IS_OFFERED = "() => document.querySelector('live-video')?.videoRenditions.length > 1"
RENDITIONS = "[...document.querySelector('live-video').videoRenditions].map(({ id, height }) => [id, height])"
SELECTED = "() => document.querySelector('media-rendition-menu').mediaRenditionSelected ?? ''"
"""The name of the chosen rendition; empty for the automatic choice."""
IS_SELECTED = f"(name) => ({SELECTED})() === name"
SHOWS_HEIGHT = "(height) => document.querySelector('live-video').videoHeight === height"
COUNT_RESTARTS = """() => {
  window.restarts = 0;
  document.querySelector("live-video").nativeEl.addEventListener("emptied", () => restarts++);
}"""
BUFFERED_RANGES = "document.querySelector('live-video').buffered.length"
"""More than one if frames are missing where a rendition ends and another one begins."""


async def _choose(viewer: Person, label: str | re.Pattern[str]) -> None:
    await viewer.page.get_by_role("button", name="Quality").click()
    await viewer.page.get_by_role("menuitemradio", name=label, exact=True).click()


async def test_a_viewer_changes_the_quality_without_a_restart_or_a_gap(
    viewer: Person, realtime_address: str, name: str, encoder_log: Path
) -> None:
    with publishing(realtime_address, encoder_log):
        await viewer.go(f"/c/{name}")
        await viewer.sees_video_move()
        await viewer.page.wait_for_function(IS_OFFERED, timeout=60_000)
        await expect(viewer.statistic("mode")).to_have_text("Real time")
        await viewer.page.evaluate(COUNT_RESTARTS)

        await _choose(viewer, "240p")
        await viewer.page.wait_for_function(SHOWS_HEIGHT, arg=240)
        await viewer.page.wait_for_function(IS_SELECTED, arg="240p")
        await viewer.sees_video_move()

        await _choose(viewer, "360p")
        await viewer.page.wait_for_function(SHOWS_HEIGHT, arg=360)
        await viewer.page.wait_for_function(IS_SELECTED, arg="source")
        await viewer.sees_video_move()
        assert await viewer.page.evaluate("restarts") == 0
        assert await viewer.page.evaluate(BUFFERED_RANGES) == 1

        await _choose(viewer, re.compile("Auto"))
        await viewer.page.wait_for_function(IS_SELECTED, arg="")
        assert await viewer.page.evaluate("restarts") == 0
        # from now on, playback may restart in a smaller quality on a busy machine
        await viewer.sees_video_move()
        await expect(viewer.statistic("mode")).to_have_text("Real time")


async def test_a_pause_in_low_latency_keeps_the_renditions(
    viewer: Person, realtime_address: str, name: str, encoder_log: Path
) -> None:
    await viewer.page.route_web_socket("**/rt/**", lambda socket: socket.close())

    with publishing(realtime_address, encoder_log):
        await viewer.go(f"/c/{name}")
        await viewer.sees_video_in("Low latency")
        before = await viewer.page.evaluate(RENDITIONS)
        await viewer.page.keyboard.press("k")
        await viewer.page.wait_for_function("() => document.querySelector('live-video').paused")

        assert await viewer.page.evaluate(RENDITIONS) == before
    assert before
