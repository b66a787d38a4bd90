"""A viewer: a page in headless Chromium, and the time at which each picture was shown."""

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

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

FIX_LEVEL = """(height) => {
  const api = document.querySelector("live-video")?.api ?? window.hls;
  const level = api.levels.findIndex((level) => level.height === height);
  if (level >= 0) api.currentLevel = level;
  return level >= 0;
}"""
SHOWS_HEIGHT = (
    "(height) => (document.querySelector('live-video') ?? document.querySelector('video')).videoHeight === height"
)
ASKED_MS = "performance.getEntriesByType('resource').find((entry) => entry.name.includes('.m3u8'))?.startTime ?? 0"
FORGET = "() => { window.probe.shown.length = 0; window.probe.dry = 0; window.probe.unreadable = 0; }"


@dataclass(frozen=True, slots=True)
class Opening:
    """Times of one opening of the page."""

    asked_ms: float
    """Time until the player requested the first playlist. The page itself causes this delay."""
    first_ms: float
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

    @property
    def stalls_ms(self) -> list[float]:
        """Return the length of each stall."""
        gaps = (after - before for before, after in pairwise(self.shown_ms))
        return [gap for gap in gaps if gap > STALL_MS]


@asynccontextmanager
async def watching(browser: Browser, url: str) -> AsyncGenerator[Page]:
    """Open a page in a new browser context, like a first visit."""
    facts = {
        "bits": clock.BITS,
        "periodMs": clock.PERIOD_MS,
        "rowShare": clock.ROW_SHARE,
        "contrastMin": clock.CONTRAST_MIN,
    }
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    try:
        page = await context.new_page()
        await page.add_init_script(f"{PROBE.read_text(encoding='utf-8').rstrip()}({json.dumps(facts)});")
        await page.route("**/benchmark/**", _serve_bare)
        await page.wait_for_timeout(WINDOW_MS)
        await page.goto(url, wait_until="commit")
        yield page
    finally:
        await context.close()


async def open_once(browser: Browser, url: str) -> Opening:
    """Open the page, and wait for the first picture."""
    async with watching(browser, url) as page:
        return await first_picture(page)


async def first_picture(page: Page) -> Opening:
    """Wait for the first picture."""
    found = await page.wait_for_function("() => window.probe?.firstMs", timeout=FIRST_PICTURE_MS)
    return Opening(await page.evaluate(ASKED_MS), float(await found.json_value()))


async def fix_level(page: Page, height: int) -> None:
    """Switch to the rendition of this height, and turn off automatic selection."""
    await page.wait_for_function(FIX_LEVEL, arg=height, polling=100)
    await page.wait_for_function(SHOWS_HEIGHT, arg=height)
    await page.evaluate(FORGET)


async def watch(page: Page, seconds: float) -> Seen:
    """Record the pictures for ``seconds`` after the player has settled."""
    await page.wait_for_timeout((seconds + SETTLING_SECONDS) * 1000)
    found = await page.evaluate("window.probe")
    return _seen(found["shown"], found["dry"], found["unreadable"])


def _seen(shown: Sequence[tuple[float, float]], ran_dry: int, unreadable: int) -> Seen:
    began = shown[0][0] if shown else 0.0
    settled = [(at, delay) for at, delay in shown if at - began > SETTLING_SECONDS * 1000]
    if not settled:
        message = f"The player showed nothing that could be read ({unreadable} unreadable pictures)."
        raise RuntimeError(message)
    delays = [delay for _, delay in settled]
    median = percentile(delays, 0.5)
    near = next(at for at, delay in shown if abs(delay - median) <= NEAR_MS)
    return Seen(delays, [at for at, _ in settled], near - began, ran_dry, unreadable)


async def _serve_bare(route: Route) -> None:
    if route.request.url.endswith("/hls.js"):
        await route.fulfill(path=HLS_JS, content_type="text/javascript")
    else:
        await route.fulfill(path=BARE_PAGE, content_type="text/html")
