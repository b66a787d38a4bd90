"""A real browser: the system's Chromium, driven by Playwright."""

import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Error, async_playwright

PROGRAMS = ("chromium", "google-chrome")
"""Not Playwright's own build: that one plays no H.264."""
FLAGS = (
    "--no-sandbox",  # tests often run as root, in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)


@asynccontextmanager
async def running_chromium() -> AsyncGenerator[Browser]:
    """A headless browser for as long as the block lasts."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=FLAGS, headless=True)
        try:
            yield browser
        finally:
            await browser.close()


async def save_screenshots(contexts: list[BrowserContext], folder: Path) -> list[Path]:
    """What every open page shows, one file each; the folder is made."""
    saved: list[Path] = []
    for page in [page for context in contexts for page in context.pages]:
        file = folder / f"page-{len(saved) + 1}.png"
        try:
            await page.screenshot(path=file, timeout=5_000)
        except Error:  # a page that has crashed or hangs: the others still tell something
            continue
        saved.append(file)
    return saved
