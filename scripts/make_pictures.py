"""Take the pictures in the README again, of the current site: ``make pictures``."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Generator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, expect

from tests.e2e.people import Person
from tests.rig.chromium import running_chromium
from tests.rig.processes import Process
from tests.rig.site import Site, choose_ports, running_site

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs/images"
SIZE = {"width": 1440, "height": 810}
COLOURS = 256

STREAMS = {  # title, category, and the two colours of the video
    "ada": ("Slow light: an evening of drifting colour", "Ambient", "0xff9e3a", "0x0a1d3c"),
    "kofi": ("Building a keyboard from spare parts", "Making", "0x1f9d8a", "0x10283f"),
    "lena": ("Bach on a Sunday: the second suite", "Music", "0xb0506a", "0x2a1c3d"),
}
WATCHED = "ada"
CHAT = (
    ("mila", "evening everyone!"),
    ("jonas", "the colours today"),
    ("mila", "how long did the render take?"),
    ("noor", "first time here, this is lovely"),
    ("jonas", "@noor welcome! stay a while, the second hour is the best one"),
    ("noor", "will do!"),
    ("mila", "that slow turn at the end…"),
    ("jonas", "https://example.com/palette is where the palette is from"),
    ("noor", "مرحبا from Casablanca"),
    ("mila", "same time next week?"),
)


async def main() -> None:
    """Start a site with streams and chatters, and save what its pages show."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        site = stack.enter_context(running_site(folder, choose_ports(), {}))
        async with running_chromium() as browser:
            for streamer, (title, category, *colours) in STREAMS.items():
                address = f"{site.rtmp_url}/{await _prepare_channel(site, browser, streamer, title, category)}"
                stack.enter_context(_publishing(address, colours, folder / f"{streamer}.log"))
            await _chat(site, browser)
            await _save_watch_page(site, browser)
            await _save_home_page(site, browser)


async def _prepare_channel(site: Site, browser: Browser, name: str, title: str, category: str) -> str:
    """Register ``name``, describe the channel, and return its stream key."""
    async with _person(site, browser) as person:
        await person.register(name)
        key = await person.stream_key()
        await person.page.get_by_label("Title").fill(title)
        await person.page.get_by_label("Category").fill(category)
        await person.page.get_by_role("button", name="Save").click()
        await expect(person.page.get_by_text("Saved.")).to_be_visible()
        return key


async def _chat(site: Site, browser: Browser) -> None:
    async with _person(site, browser) as mila, _person(site, browser) as jonas, _person(site, browser) as noor:
        chatters = {"mila": mila, "jonas": jonas, "noor": noor}
        for name, person in chatters.items():
            await person.register(name)
            await person.go(f"/c/{WATCHED}")
        for name, text in CHAT:
            await chatters[name].say(text)
            await asyncio.sleep(1)  # the chat's rate limit


async def _save_watch_page(site: Site, browser: Browser) -> None:
    async with _person(site, browser, color_scheme="dark") as viewer:
        await viewer.register("sana")
        await viewer.go(f"/c/{WATCHED}")
        await viewer.sees_video_move()
        await viewer.page.get_by_role("button", name="Follow").click()
        await expect(viewer.page.get_by_text("Following", exact=True)).to_be_visible()
        await expect(viewer.chat_lines()).to_have_count(len(CHAT))
        await _save(viewer, "watch-dark.png")


async def _save_home_page(site: Site, browser: Browser) -> None:
    async with _person(site, browser, color_scheme="light") as visitor:
        await visitor.go("/")
        await expect(visitor.page.locator(".stream-card .preview")).to_have_count(len(STREAMS))
        await _save(visitor, "home-light.png")


async def _save(person: Person, name: str) -> None:
    await person.page.mouse.move(0, 0)
    await person.page.evaluate("document.activeElement?.blur()")
    await person.page.wait_for_timeout(4_000)  # until notices and the player's controls have disappeared
    file = IMAGES / name
    await person.page.screenshot(path=file)
    Image.open(file).convert("RGB").quantize(COLOURS).save(file, optimize=True)
    print(f"{file.relative_to(ROOT)} is new.")


@asynccontextmanager
async def _person(site: Site, browser: Browser, **options: str) -> AsyncGenerator[Person]:
    context = await browser.new_context(viewport=SIZE, **options)  # pyright: ignore[reportArgumentType]
    try:
        yield Person(site, context, await context.new_page())
    finally:
        await context.close()


@contextmanager
def _publishing(address: str, colours: list[str], log: Path) -> Generator[None]:
    """Publish slowly moving colours while the block runs."""
    video = f"gradients=size=1280x720:rate=15:speed=0.02:c0={colours[0]}:c1={colours[1]}:nb_colors=2:seed=7"
    # fmt: off
    command = [
        "ffmpeg", "-nostdin", "-v", "warning", "-re", "-f", "lavfi", "-i", video,
        "-f", "lavfi", "-i", "anullsrc=sample_rate=48000:channel_layout=stereo",
        "-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-g", "15",
        "-c:a", "aac", "-f", "flv", address,
    ]
    # fmt: on
    encoder = Process("encoder", command, log)
    try:
        yield
    finally:
        encoder.stop()


if __name__ == "__main__":
    asyncio.run(main())
