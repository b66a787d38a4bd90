"""A recorded stream: recorded, listed, played from start to end with its chat, deleted."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import expect

from streaming_app.backend.media.recordings.model import Recording
from tests.e2e.conftest import NewPerson
from tests.e2e.people import Person
from tests.rig.ffmpeg import publisher
from tests.rig.site import Site
from tests.rig.site_store import open_store_of

LENGTH_SECONDS = 8
SEGMENT_SECONDS = 1.05
"""Length of a segment of the tests' encoder, including about one frame of sound."""

TIME_OF_DAY = re.compile(r"\d{1,2}:\d\d")
PLAYED = """async (video) => {
  video.playbackRate = 2;
  await new Promise((resolve) => video.addEventListener("ended", resolve, { once: true }));
  const { played, duration } = video;
  return { duration, ranges: played.length, first: played.start(0), last: played.end(played.length - 1) };
}"""
"""Plays to the end, and returns the played ranges."""
LAST_POSITION = "document.addEventListener('playhead', (event) => (window.lastPosition = event.detail.at))"
SEEK_BACK = """async () => {
  const report = (at) => document.dispatchEvent(new CustomEvent("playhead", { detail: { at } }));
  const log = document.querySelector(".chat__log"), fetch = window.fetch, end = window.lastPosition;
  const answer = await new Promise((resolve) => {
    window.fetch = async (url) => {
      const page = await (await fetch(url)).json();
      return { ok: true, json: () => new Promise((give) => resolve(() => give(page))) };
    };
    report(end - 150_000);
  });
  window.fetch = fetch;
  const onRendered = () => delete log.scrollTop && answer();
  Object.defineProperty(log, "scrollTop", { configurable: true, set: onRendered, get: () => 0 });
  report(end - 149_000);
  while (Object.hasOwn(log, "scrollTop")) await new Promise((resolve) => setTimeout(resolve));
  report(end);
}"""
"""Seeks to before the fetched messages. They are fetched again, and arrive when the next position was just rendered."""
IS_AS_WIDE_AS_ITS_CARD = "(picture) => picture.offsetWidth === picture.parentElement.offsetWidth"


async def recorded(site: Site, streamer: Person, name: str, log: Path) -> None:
    """Record a stream of ``LENGTH_SECONDS`` with a chat message."""
    await streamer.register(name)
    key = await streamer.stream_key()
    switch = streamer.page.get_by_role("switch", name="Record my streams")
    await switch.click()
    await expect(switch).to_be_checked()
    await expect(streamer.page.get_by_text("Your streams will be recorded.")).to_be_visible()
    encoder = publisher(f"{site.rtmp_url}/{key}", log, seconds=LENGTH_SECONDS)
    await expect(streamer.page.locator("[data-stream=live]")).to_be_visible()
    await expect(streamer.page.get_by_text("Recording this stream.")).to_be_visible()
    await streamer.say("remember this")
    await asyncio.to_thread(encoder.wait_until_ended)
    await expect(streamer.page.locator("[data-stream=offline]")).to_be_visible()


async def test_a_recorded_stream_plays_from_start_to_end_with_its_chat_and_can_be_deleted(
    site: Site, new_person: NewPerson, name: str, encoder_log: Path
) -> None:
    streamer, viewer = await new_person(), await new_person()
    await recorded(site, streamer, name, encoder_log)

    await viewer.page.add_init_script(LAST_POSITION)
    await viewer.go(f"/c/{name}")
    card = viewer.page.locator(".recording-card")
    link = card.get_by_role("link", name=f"{name}'s stream")
    await expect(link).to_have_accessible_name(re.compile(rf"^{name}'s stream .*\d:\d\d.* \d+ s$"))
    assert await card.locator(".stream-card__picture").evaluate(IS_AS_WIDE_AS_ITS_CARD)
    await link.click()
    video = viewer.page.locator("recorded-video")
    await expect(viewer.page.locator(".player[data-phase=playing]")).to_be_visible()
    played = await video.evaluate(PLAYED)

    assert played["duration"] == pytest.approx(LENGTH_SECONDS, abs=SEGMENT_SECONDS)
    assert played["ranges"] == 1
    assert (played["first"], played["last"]) == pytest.approx((0, played["duration"]), abs=0.2)
    await expect(viewer.chat_lines()).to_have_text(["remember this"])
    await viewer.page.evaluate(SEEK_BACK)
    await expect(viewer.chat_lines()).to_have_text(["remember this"])
    description = viewer.page.locator("meta[property='og:description']")

    address = viewer.page.url
    await viewer.page.reload()
    await expect(description).to_have_attribute("content", re.compile(f"A recording of {name}"))
    await expect(viewer.page.locator(".player[data-phase=playing]")).to_be_visible()
    await viewer.page.keyboard.press("m")
    assert await video.evaluate("(video) => video.muted")
    await viewer.page.keyboard.press("5")
    assert await video.evaluate("(video) => video.currentTime") == pytest.approx(played["duration"] / 2, abs=0.5)

    await streamer.page.reload()
    await expect(streamer.page.locator(".studio-recordings__facts time")).to_have_text(TIME_OF_DAY)
    await streamer.page.get_by_role("button", name="Delete").click()
    await streamer.page.get_by_role("button", name="Delete recording").click()
    await expect(streamer.page.get_by_text("Recording deleted.")).to_be_visible()
    await expect(streamer.page.get_by_role("button", name="Delete")).to_have_count(0)
    answer = await viewer.page.goto(address)
    assert answer
    assert answer.status == 404
    await expect(viewer.page.get_by_text("There is no such recording")).to_be_visible()
    await expect(viewer.page).to_have_title(re.compile("No such recording"))
    await viewer.page.get_by_role("link", name=f"Go to {name}").click()
    await expect(viewer.page.get_by_text("This page will start playing when the stream begins.")).to_be_visible()
    await expect(viewer.page.locator(".recording-card")).to_have_count(0)


async def test_recordings_with_the_same_title_have_different_delete_buttons(
    site: Site, new_person: NewPerson, name: str
) -> None:
    streamer = await new_person(locale="en-US", timezone_id="UTC")
    await streamer.register(name)
    await streamer.go("/studio")
    await expect(streamer.page.get_by_role("heading", name="Recordings")).to_be_visible()
    start = datetime(2026, 11, 20, 18, tzinfo=UTC)
    async with open_store_of(site) as store:
        channel = await store.channels.get_by_slug(name)
        for number in range(2):
            at = start + timedelta(hours=number)
            recording = Recording(f"{name}-{number}", channel.channel_id, "Chess", "", at, 90.0, 1_000_000, ended_at=at)
            await store.recordings.add(recording)

    await streamer.page.reload()
    delete = streamer.page.get_by_role("button", name="Delete Chess")

    await expect(delete).to_have_count(2)
    await expect(delete.first).to_have_accessible_name(re.compile("^Delete Chess Nov 20, 2026, 7:00 PM"))
    await expect(delete.last).to_have_accessible_name(re.compile("^Delete Chess Nov 20, 2026, 6:00 PM"))
    await delete.last.click()
    await expect(streamer.page.get_by_role("dialog", name="Delete Chess?")).to_contain_text("Nov 20, 2026, 6:00 PM")
