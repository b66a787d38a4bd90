"""What a viewer sees: a page in headless Chromium, and when each picture of it was shown."""

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from playwright.async_api import Browser, Page, Route

from benchmarks import clock
from benchmarks.report import percentile
from tests.rig.site import BUILD_FOLDER

PROBE = Path(__file__).with_name("probe.js")
BARE_PAGE = Path(__file__).with_name("bare.html")
HLS_JS = BUILD_FOLDER / "node_modules/hls.js/dist/hls.min.js"
"""The one that the site's pages were built with."""

FIRST_PICTURE_MS = 60_000
WINDOW_MS = 1_000
"""A viewer's window is open before. A new one loads the address bar's own pages first, half a core for a second."""
SETTLING_SECONDS = 5.0
"""After the first picture the player may still be on its way to the delay that it wants."""
NEAR_MS = 150
"""So close to the median the delay has settled."""
STALL_MS = 250
"""A picture that stands still for longer is a stall."""

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
    """How long one opening of the page took."""

    asked_ms: float
    """Until the player asked for the first playlist: until then it is the page that takes time."""
    first_ms: float
    """Until the first picture was shown."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one viewer saw of a stream."""

    delays_ms: list[float]
    """Between a picture's making and its showing; of those after the player had settled."""
    shown_ms: list[float]
    """When those were shown, Unix time."""
    settled_ms: float
    """From the first picture to the first one about as late as most."""
    ran_dry: int
    """How often the player said that it had nothing to play."""
    unreadable: int

    @property
    def stalls_ms(self) -> list[float]:
        """How long the picture stood still, each time that it did."""
        gaps = (after - before for before, after in pairwise(self.shown_ms))
        return [gap for gap in gaps if gap > STALL_MS]


@asynccontextmanager
async def watching(browser: Browser, url: str) -> AsyncGenerator[Page]:
    """A page opened by someone who has not been there before."""
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
    """Look at the page until there is a picture."""
    async with watching(browser, url) as page:
        return await first_picture(page)


async def first_picture(page: Page) -> Opening:
    """Wait for it."""
    found = await page.wait_for_function("window.probe?.firstMs", timeout=FIRST_PICTURE_MS)
    return Opening(await page.evaluate(ASKED_MS), float(await found.json_value()))


async def fix_level(page: Page, height: int) -> None:
    """Watch the rendition of this height from now on, whatever the player thinks best."""
    await page.wait_for_function(FIX_LEVEL, arg=height, polling=100)
    await page.wait_for_function(SHOWS_HEIGHT, arg=height)
    await page.evaluate(FORGET)


async def watch(page: Page, seconds: float) -> Seen:
    """Look at the picture for so long after it has settled."""
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
