"""Positions in a real-time stream: seeking back, pauses, a page that slept, and the return to the live edge."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from tests.e2e.conftest import NewPerson
from tests.e2e.people import Person
from tests.rig.ffmpeg import publishing

HAS_WINDOW = "(seconds) => Number(document.querySelector('.player__seek input')?.max) >= seconds"
PRESS = """(key) => document.querySelector("live-video")
  .dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }))"""
PAUSE_AND_PLAY_AT_ONCE = """async () => {
  const video = document.querySelector("live-video");
  const press = () => video.dispatchEvent(new KeyboardEvent("keydown", { key: "k", bubbles: true }));
  const isPaused = new Promise((resolve) => video.addEventListener("pause", resolve, { once: true }));
  press();
  await isPaused;
  press();
}"""
START_AGAIN_AND_PAUSE = """() => {
  const video = document.querySelector("live-video");
  for (const key of ["l", "k"]) video.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
}"""
START_AGAIN = """document.querySelector("live-video")
  .dispatchEvent(new KeyboardEvent("keydown", { key: "l", bubbles: true }));
"""
TIME = "() => document.querySelector('live-video').currentTime"
HAS_PLAYED = "([since, seconds]) => document.querySelector('live-video').currentTime > since + seconds"
CLOSE_TO_THE_ENCODER = "() => parseFloat(document.querySelector('[data-stat=delay]').textContent) < 1"


@asynccontextmanager
async def _watching(viewer: Person, address: str, name: str, log: Path) -> AsyncGenerator[None]:
    """Publish a stream, and show it to the viewer in real time while the block runs."""
    with publishing(address, log):
        await viewer.go(f"/c/{name}")
        await viewer.sees_video_in("Real time")
        yield


def _behind(viewer: Person) -> Locator:
    return viewer.page.locator(".player__behind-seconds")


def _back(viewer: Person) -> Locator:
    return viewer.page.get_by_role("button", name="Back to live")


async def test_a_viewer_seeks_back_in_low_latency_and_returns_to_real_time(
    viewer: Person, realtime_address: str, name: str, encoder_log: Path
) -> None:
    async with _watching(viewer, realtime_address, name, encoder_log):
        await viewer.page.wait_for_function(HAS_WINDOW, arg=10, timeout=60_000)

        await viewer.page.evaluate(PRESS, "ArrowLeft")
        await viewer.sees_video_in("Low latency")
        await expect(_behind(viewer)).to_have_text(re.compile("^−0:0[5-7]$"))  # noqa: RUF001 - it needs time to start
        await viewer.sees_video_move()
        await viewer.sees_video_move()
        await expect(_behind(viewer)).to_have_text(re.compile("^−0:0[5-7]$"))  # noqa: RUF001 - it needs time to start

        await viewer.page.keyboard.press("l")
        await viewer.sees_video_in("Real time")
        await expect(_back(viewer)).to_have_count(0)
        await viewer.page.wait_for_function(CLOSE_TO_THE_ENCODER)


async def test_playback_continues_in_low_latency_where_it_was_paused(
    viewer: Person, realtime_address: str, name: str, encoder_log: Path
) -> None:
    async with _watching(viewer, realtime_address, name, encoder_log):
        await viewer.page.keyboard.press("k")
        await expect(_behind(viewer)).to_have_text(re.compile(r"^−0:(0[6-9]|1\d)$"))  # noqa: RUF001

        await viewer.page.keyboard.press("k")
        await viewer.sees_video_in("Low latency")
        await expect(_behind(viewer)).to_have_text(re.compile(r"^−0:(0[5-9]|1\d)$"))  # noqa: RUF001

        await _back(viewer).click()
        await viewer.sees_video_in("Real time")


async def test_a_paused_viewer_can_return_to_the_live_edge_or_seek_back(
    viewer: Person, realtime_address: str, name: str, encoder_log: Path
) -> None:
    async with _watching(viewer, realtime_address, name, encoder_log):
        await viewer.page.wait_for_function(HAS_WINDOW, arg=12, timeout=60_000)
        await viewer.page.keyboard.press("k")
        await expect(_behind(viewer)).to_have_text(re.compile(r"^−0:(0[4-9]|1\d)$"))  # noqa: RUF001
        await expect(viewer.page.locator(".player__seek")).to_be_visible()

        await _back(viewer).click()
        await viewer.sees_video_in("Real time")
        await expect(_back(viewer)).to_have_count(0)
        await viewer.page.wait_for_function(CLOSE_TO_THE_ENCODER)

        await viewer.page.keyboard.press("k")
        await expect(_behind(viewer)).to_have_text(re.compile(r"^−0:(0[4-9]|1\d)$"))  # noqa: RUF001
        await viewer.page.evaluate(PRESS, "ArrowLeft")
        await expect(viewer.statistic("mode")).to_have_text("Low latency")
        await expect(_behind(viewer)).to_have_text(re.compile(r"^−0:(0[7-9]|1\d)$"))  # noqa: RUF001
        await expect(viewer.page.locator(".player__seek")).to_be_visible()
        await viewer.page.evaluate(PRESS, "k")
        await viewer.sees_video_in("Low latency")
        await expect(_behind(viewer)).to_have_text(re.compile(r"^−0:(0[7-9]|1\d)$"))  # noqa: RUF001


async def test_a_viewer_who_pauses_while_playback_starts_again_can_seek(
    viewer: Person, realtime_address: str, name: str, encoder_log: Path
) -> None:
    async with _watching(viewer, realtime_address, name, encoder_log):
        await viewer.page.wait_for_function(HAS_WINDOW, arg=12, timeout=60_000)

        await viewer.page.evaluate(START_AGAIN_AND_PAUSE)

        await expect(viewer.page.get_by_role("button", name="Play", exact=True)).to_be_visible()
        await expect(_behind(viewer)).to_have_text(re.compile("^−0:0[1-9]$"))  # noqa: RUF001
        await expect(viewer.page.locator(".player__seek")).to_be_visible()


async def test_a_short_pause_returns_to_real_time(
    viewer: Person, realtime_address: str, name: str, encoder_log: Path
) -> None:
    async with _watching(viewer, realtime_address, name, encoder_log):
        await viewer.page.evaluate(PAUSE_AND_PLAY_AT_ONCE)

        await viewer.sees_video_in("Real time")
        await expect(_back(viewer)).to_have_count(0)
        await viewer.page.wait_for_function(CLOSE_TO_THE_ENCODER)


@pytest.mark.parametrize("begin", ["", START_AGAIN], ids=["while-playing", "while-starting"])
async def test_a_page_that_slept_is_at_the_live_edge_again(
    viewer: Person, new_person: NewPerson, realtime_address: str, name: str, encoder_log: Path, begin: str
) -> None:
    witness = await new_person()
    async with _watching(viewer, realtime_address, name, encoder_log):
        await witness.go(f"/c/{name}")
        await witness.sees_video_in("Real time")
        before = await witness.page.evaluate(TIME)
        debugger = await viewer.context.new_cdp_session(viewer.page)
        await debugger.send("Debugger.enable")
        sleeps = asyncio.Event()
        debugger.on("Debugger.paused", lambda _: sleeps.set())

        # Nothing runs in the page: no timer, and no message of the websocket.
        sleep = asyncio.create_task(viewer.page.evaluate(begin + "debugger"))
        await sleeps.wait()
        await witness.page.wait_for_function(HAS_PLAYED, arg=[before, 8])
        await debugger.send("Debugger.disable")
        await sleep

        await viewer.sees_video_in("Real time")
        await viewer.page.wait_for_function(CLOSE_TO_THE_ENCODER)
        await expect(_back(viewer)).to_have_count(0)
