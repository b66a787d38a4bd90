"""A viewer: a page in headless Chromium, and the time at which each picture was shown."""

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, Route

from benchmarks import clock
from benchmarks.results import percentile
from tests.rig.site import BUILD_FOLDER

PROBE = Path(__file__).with_name("probe.js")
BARE_PAGE = Path(__file__).with_name("bare.html")
HLS_JS = BUILD_FOLDER / "node_modules/hls.js/dist/hls.min.js"
"""The hls.js with which the site's pages were built."""

FIRST_PICTURE_MS = 60_000
WINDOW_MS = 1_000
"""Time to wait after opening a window. A new window first loads pages of its own, with half a core for a second."""
SETTLING_SECONDS = 5.0
"""Time after the first picture that is left out, because the player may still be approaching its target latency."""
NEAR_MS = 150
"""Maximum difference from the median at which the delay counts as settled."""
STALL_MS = 250
"""Time after which an unchanged picture counts as a stall."""

HAS_LOADED = "() => window.hls || document.querySelector('media-rendition-menu')"
"""The picture may be there before the player."""
HAS_NO_MENU = "() => !document.querySelector('media-rendition-menu')"
FIX_LEVEL = """(height) => {
  const api = document.querySelector("live-video")?.api ?? window.hls;
  const level = api.levels.findIndex((level) => level.height === height);
  if (level >= 0) api.currentLevel = level;
  return level >= 0;
}"""
SHOWS_HEIGHT = (
    "(height) => (document.querySelector('live-video') ?? document.querySelector('video')).videoHeight === height"
)
OPENING = """() => {
  const [navigation] = performance.getEntriesByType("navigation");
  const resources = performance.getEntriesByType("resource");
  const path = ({ name }) => new URL(name).pathname;
  const { sockets, firstMs } = window.probe;
  const realtime = sockets.find(({ path, keyframeMs }) => path.startsWith("/rt/") && keyframeMs < firstMs);
  const playlist = resources.find((one) => path(one).endsWith(".m3u8"));
  const media = resources.find((one) => /^.(ll|hls).*[.](m4s|ts)$/.test(path(one)));
  const asked = realtime?.askedMs ?? playlist?.startTime;
  const scripts = resources.filter((one) => path(one).endsWith(".js") && one.responseEnd <= asked);
  return {
    document_ms: navigation.responseEnd,
    scripts_ms: scripts.length ? Math.max(...scripts.map((script) => script.responseEnd)) : null,
    event_socket_ms: sockets.find(({ path }) => path.startsWith("/_event"))?.openMs,
    asked_ms: asked,
    answered_ms: realtime?.openMs ?? playlist?.responseEnd,
    media_ms: realtime?.keyframeMs ?? media?.responseEnd,
    first_frame_ms: firstMs,
  };
}"""
STATISTICS = """() => Object.fromEntries(
  [...document.querySelectorAll("[data-stat]")].map((element) => [element.dataset.stat, element.textContent])
)"""
WITHOUT_WEBCODECS = "delete window.AudioDecoder;"
FORGET = "() => { window.probe.shown.length = 0; window.probe.dry = 0; window.probe.unreadable = 0; }"


@dataclass(frozen=True, slots=True)
class Opening:
    """Times of one opening of the page, in milliseconds since the navigation. ``None`` means that it did not happen."""

    document_ms: float
    """Time until the document was loaded."""
    scripts_ms: float | None
    """Time until the last script was loaded that the player waited for."""
    event_socket_ms: float | None
    """Time until Reflex's websocket was open. It may be later than the first picture."""
    asked_ms: float | None
    """Time until the player requested the first playlist, or the websocket of frames. The page causes this delay."""
    answered_ms: float | None
    """Time until the playlist was loaded, or the websocket was open."""
    media_ms: float | None
    """Time until the first segment or part was loaded, or the first keyframe had arrived."""
    first_frame_ms: float
    """Time until the first picture was shown."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one viewer saw of a stream."""

    delays_ms: list[float]
    """Delay of each picture shown after the player had settled."""
    shown_ms: list[float]
    """Time at which each of these pictures was shown, Unix time."""
    settled_ms: float
    """Time from the first picture until the delay was near the median."""
    ran_dry: int
    """Number of times that the player reported an empty buffer."""
    unreadable: int
    played: list[str]
    """Each delivery that the player's statistics named, without repetitions. Empty for a page without statistics."""
    statistics: dict[str, str]
    """The player's statistics at the end, by ``data-stat``."""

    @property
    def stalls_ms(self) -> list[float]:
        """Return the length of each stall."""
        gaps = (after - before for before, after in pairwise(self.shown_ms))
        return [gap for gap in gaps if gap > STALL_MS]


@asynccontextmanager
async def watching(browser: Browser, url: str, *, has_webcodecs: bool = True) -> AsyncGenerator[Page]:
    """Open a page in a new browser context, like a first visit, in a browser with or without WebCodecs."""
    facts = {
        "bits": clock.BITS,
        "periodMs": clock.PERIOD_MS,
        "rowShare": clock.ROW_SHARE,
        "contrastMin": clock.CONTRAST_MIN,
    }
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, ignore_https_errors=True)
    try:
        page = await context.new_page()
        await page.add_init_script(f"{PROBE.read_text(encoding='utf-8').rstrip()}({json.dumps(facts)});")
        if not has_webcodecs:
            await page.add_init_script(WITHOUT_WEBCODECS)
        await page.route("**/benchmark/**", _serve_bare)
        await page.wait_for_timeout(WINDOW_MS)
        await page.goto(url, wait_until="commit")
        yield page
    finally:
        await context.close()


async def first_picture(page: Page) -> Opening:
    """Wait for the first picture."""
    await page.wait_for_function("() => window.probe?.firstMs", timeout=FIRST_PICTURE_MS)
    return Opening(**await page.evaluate(OPENING))


async def fix_level(page: Page, height: int) -> None:
    """Switch to the rendition of this height, and turn off automatic selection."""
    await page.wait_for_function(HAS_LOADED)
    if await page.evaluate(HAS_NO_MENU):
        await page.wait_for_function(FIX_LEVEL, arg=height, polling=100)
    else:
        await page.get_by_role("button", name="Quality").click()
        await page.get_by_role("menuitemradio", name=f"{height}p").click()
    await page.wait_for_function(SHOWS_HEIGHT, arg=height)
    await page.evaluate(FORGET)


async def watch(page: Page, seconds: float) -> Seen:
    """Record the pictures for ``seconds`` after the player has settled."""
    await page.wait_for_timeout((seconds + SETTLING_SECONDS) * 1000)
    return _seen(await page.evaluate("window.probe"), await page.evaluate(STATISTICS))


def _seen(probe: Mapping[str, Any], statistics: dict[str, str]) -> Seen:
    shown: Sequence[tuple[float, float]] = probe["shown"]
    began = shown[0][0] if shown else 0.0
    settled = [(at, delay) for at, delay in shown if at - began > SETTLING_SECONDS * 1000]
    if not settled:
        message = f"The player showed nothing that could be read ({probe['unreadable']} unreadable pictures)."
        raise RuntimeError(message)
    delays = [delay for _, delay in settled]
    median = percentile(delays, 0.5)
    near = next(at for at, delay in shown if abs(delay - median) <= NEAR_MS)
    played = played_since(probe["modes"], settled[0][0])
    shown_ms = [at for at, _ in settled]
    return Seen(delays, shown_ms, near - began, probe["dry"], probe["unreadable"], played, statistics)


def played_since(modes: Sequence[tuple[float, str]], since: float) -> list[str]:
    """Return the deliveries in the changes ``modes``, each with its time, that were played after ``since``."""
    before = [mode for at, mode in modes if at <= since]
    return list(dict.fromkeys(before[-1:] + [mode for at, mode in modes if at > since]))


async def _serve_bare(route: Route) -> None:
    if route.request.url.endswith("/hls.js"):
        await route.fulfill(path=HLS_JS, content_type="text/javascript")
    else:
        await route.fulfill(path=BARE_PAGE, content_type="text/html")
