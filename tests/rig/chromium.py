"""A real browser: the system's Chromium, controlled by Playwright."""

import shutil
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Error, async_playwright

PROGRAMS = ("chromium", "google-chrome")
"""Names of the program. Playwright's own build is not used, because it does not play H.264."""
FLAGS = (
    "--no-sandbox",  # tests often run as root, in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SOUND_ALWAYS = "--autoplay-policy=no-user-gesture-required"
SOUND_AFTER_GESTURE = "--autoplay-policy=document-user-activation-required"
"""How Chromium treats a site that it does not know."""


@asynccontextmanager
async def running_chromium(sound: str = SOUND_ALWAYS) -> AsyncGenerator[Browser]:
    """Run a headless browser while the block runs."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=[*FLAGS, sound], headless=True)
        try:
            yield browser
        finally:
            await browser.close()


class SharedBrowser:
    """One headless browser for many tests, because a start takes seconds."""

    def __init__(self) -> None:
        self._running = AsyncExitStack()
        self._browser: Browser | None = None

    async def get(self) -> Browser:
        """Return the browser. Start it at the first call, and again if it has crashed."""
        if self._browser is None or not self._browser.is_connected():
            await self.close()
            self._browser = await self._running.enter_async_context(running_chromium())
        return self._browser

    async def close(self) -> None:
        """Close the browser if it runs."""
        self._browser = None
        await self._running.aclose()


def collect_policy_violations(context: BrowserContext) -> list[str]:
    """Return a list that receives a line for each violation of a Content-Security-Policy in a page of ``context``."""
    violations: list[str] = []

    def add(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            violations.append(message.text)

    context.on("console", add)
    return violations


async def save_screenshots(contexts: list[BrowserContext], folder: Path) -> list[Path]:
    """Save a screenshot of every open page in ``folder``, which is created, and return the files."""
    saved: list[Path] = []
    for page in [page for context in contexts for page in context.pages]:
        file = folder / f"page-{len(saved) + 1}.png"
        try:
            await page.screenshot(path=file, timeout=5_000)
        except Error:  # the page has crashed or hangs, but screenshots of the other pages are still useful
            continue
        saved.append(file)
    return saved
