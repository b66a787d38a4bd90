"""Real time after a fault: a closed websocket, a lost publisher, and browsers that cannot decode all of it."""

from pathlib import Path

from playwright.async_api import expect

from tests.e2e.conftest import NewPerson
from tests.e2e.people import Person
from tests.rig.ffmpeg import publisher, publishing
from tests.rig.site import Site

COLLECT_SOCKETS = """
  window.frameSockets = [];
  window.WebSocket = class extends WebSocket {
    constructor(url, ...others) {
      super(url, ...others);
      if (String(url).includes("/rt/")) frameSockets.push(this);
    }
  };
"""
CLOSE_SOCKETS = "() => frameSockets.map((socket) => socket.close()).length"
HAS_NEWER_SOCKET = "(count) => frameSockets.length > count && frameSockets.at(-1).readyState === WebSocket.OPEN"
NO_WEBCODECS = "delete window.AudioDecoder;"
NO_MEDIA_SOURCE = """
  const { isTypeSupported } = MediaSource;
  // hls.js writes types without a space.
  MediaSource.isTypeSupported = (type) => !type.includes("; codecs") && isTypeSupported.call(MediaSource, type);
"""
DECODES_SOUND = """() => new Promise((resolve) => {
  const { nativeEl } = document.querySelector("live-video");
  const before = nativeEl.webkitAudioDecodedByteCount;
  const timer = setInterval(() => {
    if (nativeEl.webkitAudioDecodedByteCount <= before) return;
    clearInterval(timer);
    resolve(true);
  }, 50);
})"""
"""Resolves when the video element itself has decoded more sound."""
ADVANCES = """() => new Promise((resolve) => {
  const video = document.querySelector("live-video");
  const before = video.currentTime;
  video.addEventListener("timeupdate", () => video.currentTime > before + 1 && resolve(true));
})"""
CLOSE_TO_THE_ENCODER = "() => parseFloat(document.querySelector('[data-stat=delay]').textContent) < 1"


async def test_real_time_continues_after_its_websocket_was_closed(
    viewer: Person, realtime_address: str, name: str, encoder_log: Path
) -> None:
    await viewer.page.add_init_script(COLLECT_SOCKETS)

    with publishing(realtime_address, encoder_log):
        await viewer.go(f"/c/{name}")
        await viewer.sees_video_in("Real time")
        count = await viewer.page.evaluate(CLOSE_SOCKETS)

        await viewer.page.wait_for_function(HAS_NEWER_SOCKET, arg=count)
        await viewer.sees_video_in("Real time")
        await expect(viewer.statistic("why")).to_be_empty()


async def test_a_browser_without_webcodecs_plays_the_sound_from_a_source_buffer(
    viewer: Person, realtime_address: str, name: str, encoder_log: Path
) -> None:
    await viewer.page.add_init_script(NO_WEBCODECS)

    with publishing(realtime_address, encoder_log):
        await viewer.go(f"/c/{name}")
        await viewer.sees_video_in("Real time")

        assert await viewer.page.evaluate(DECODES_SOUND)
        await viewer.sees_video_in("Real time")


async def test_low_latency_replaces_real_time_in_a_browser_that_cannot_play_it(
    viewer: Person, realtime_address: str, name: str, encoder_log: Path
) -> None:
    await viewer.page.add_init_script(NO_MEDIA_SOURCE)

    with publishing(realtime_address, encoder_log):
        await viewer.go(f"/c/{name}")
        await viewer.sees_video_from("/ll/")

        await expect(viewer.statistic("mode")).to_have_text("Low latency")
        await expect(viewer.statistic("why")).to_contain_text("cannot play the stream in real time")


async def test_a_stream_with_sound_only_plays_in_real_time(
    viewer: Person, realtime_address: str, name: str, encoder_log: Path
) -> None:
    with publishing(realtime_address, encoder_log, ["-vn"]):
        await viewer.go(f"/c/{name}")
        await expect(viewer.page.locator(".player").get_by_text("Audio only")).to_be_visible()
        await expect(viewer.statistic("mode")).to_have_text("Real time")

        assert await viewer.page.evaluate(DECODES_SOUND)
        assert await viewer.page.evaluate(ADVANCES)
        await expect(viewer.statistic("mode")).to_have_text("Real time")


async def test_a_stream_with_a_picture_only_plays_in_real_time(
    viewer: Person, realtime_address: str, name: str, encoder_log: Path
) -> None:
    with publishing(realtime_address, encoder_log, ["-an"]):
        await viewer.go(f"/c/{name}")

        await viewer.sees_video_in("Real time")
        await expect(viewer.statistic("underruns")).to_have_text("0")


async def test_real_time_continues_on_the_same_page_when_the_publisher_returns(
    viewer: Person, realtime_address: str, name: str, encoder_log: Path
) -> None:
    first = publisher(realtime_address, encoder_log)
    await viewer.go(f"/c/{name}")
    await viewer.sees_video_in("Real time")

    first.kill()
    await expect(viewer.stream_badge()).to_have_text("Reconnecting")
    with publishing(realtime_address, encoder_log):
        await expect(viewer.stream_badge()).to_have_text("LIVE")
        await viewer.sees_video_in("Real time")
        await viewer.page.wait_for_function(CLOSE_TO_THE_ENCODER)


async def test_the_studio_shows_the_delay_that_players_report(
    site: Site, new_person: NewPerson, name: str, viewer: Person, encoder_log: Path
) -> None:
    streamer = await new_person()
    await streamer.register(name)
    key = await streamer.stream_key()
    await streamer.choose_real_time()

    with publishing(f"{site.rtmp_url}/{key}", encoder_log):
        await viewer.go(f"/c/{name}")
        await viewer.sees_video_in("Real time")

        delay = streamer.page.get_by_role("region", name="Delay of your viewers")
        row = delay.get_by_role("row").filter(has_text="Real time")
        await expect(row.get_by_role("cell").nth(0)).to_have_text("1", timeout=60_000)
        await expect(row).to_contain_text(" s")
