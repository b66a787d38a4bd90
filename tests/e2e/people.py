"""What users do on the site, with the labels and controls that they see."""

import asyncio
import re

from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.rig.mail_server import link_in
from tests.rig.site import Site
from tests.rig.site_accounts import PASSWORD, create_account

PATIENCE_MS = 40_000
"""Timeout of every expectation. It measures nothing."""

expect.set_options(timeout=PATIENCE_MS)

DECODED_FRAMES = """async (video) => {
  const frames = () => video.getVideoPlaybackQuality().totalVideoFrames;
  const before = [video.currentTime, frames()];
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    if (video.currentTime > before[0] + 1 && frames() > before[1] + 15) return frames();
  }
}"""
"""Resolves when one more second has played and frames were decoded in that time."""


FETCHES_FROM = "(address) => document.querySelector('live-video')?.api?.url?.includes(address)"


class Person:
    """A user with a browser."""

    def __init__(self, site: Site, context: BrowserContext, page: Page, *, url: str | None = None) -> None:
        """Open the site at ``url``, by default at its own address."""
        self.site = site
        self.url = url or site.url
        self.context = context
        self.page = page

    async def go(self, path: str) -> None:
        await self.page.goto(self.url + path)

    async def register(self, name: str) -> None:
        """Create an account with a channel, and sign in: by the form if the site sends mail, else without a page."""
        if self.site.mail_server:
            await self.register_by_form(name)
            return
        ticket = {"ticket": (await create_account(self.site, name)).ticket}
        address, origin = f"{self.url}/api/auth/session", {"Origin": self.url}
        await expect(await self.context.request.post(address, data=ticket, headers=origin)).to_be_ok()

    async def register_by_form(self, name: str) -> None:
        """Register through the form; ends on the page that follows."""
        await self.go("/register")
        await self.fill_in_registration(name)

    async def fill_in_registration(self, name: str) -> None:
        """Fill in the registration form, which must be open, and follow the link in the mail if the site sends one."""
        email = f"{name}@example.com"
        await self.page.get_by_label("Username", exact=True).fill(name)
        await self.page.get_by_label("Email").fill(email)
        if self.site.mail_server:
            await self.page.get_by_role("button", name="Continue").click()
            await self.page.goto(link_in(await self.site.mail_server.mail_to(email)))
        await self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        await self.page.get_by_role("button", name="Create account").click()
        await expect(self.account_menu()).to_be_visible()

    async def sign_in(self, login: str, password: str = PASSWORD) -> None:
        """Fill in the form of the sign-in page, which must be open."""
        await self.page.get_by_label("Username or email").fill(login)
        await self.page.get_by_label("Password", exact=True).fill(password)
        await self.page.get_by_role("main").get_by_role("button", name="Sign in").click()

    async def sign_out(self) -> None:
        await self.account_menu().click()
        await self.page.get_by_role("button", name="Sign out").click()
        await expect(self.page.get_by_role("link", name="Sign in").first).to_be_visible()

    async def stream_key(self) -> str:
        """Read the stream key in the studio."""
        await self.go("/studio")
        key = self.page.get_by_label("Stream key", exact=True)
        await self.page.get_by_role("button", name="Show stream key").click()
        await expect(key).not_to_have_value("")
        await expect(self.page.get_by_role("button", name="Hide stream key")).to_be_visible()
        return await key.input_value()

    async def choose_real_time(self) -> None:
        """Choose "Real time" in the studio, which must be open."""
        await self.page.get_by_role("radio", name="Real time").click()
        await expect(self.page.get_by_text("Saved. Viewers of a live stream switch")).to_be_visible()

    async def say(self, text: str) -> None:
        """Post a chat message, and wait until the message box is empty."""
        box = self.page.get_by_role("textbox", name="Message")
        await box.fill(text)
        await box.press("Enter")
        await expect(box).to_have_value("")

    async def say_until_accepted(self, text: str) -> None:
        """Post a message as a fast writer. A refused text stays in the box, so press Enter again."""
        box = self.page.get_by_role("textbox", name="Message")
        await box.fill(text)
        async with asyncio.timeout(60):
            while await box.input_value():
                await box.press("Enter")
                await self.page.wait_for_function("() => document.querySelector('.compose [aria-busy=true]') === null")

    async def sees_video_move(self) -> None:
        """Wait until frames are decoded and the playback time advances."""
        video = self.page.locator("live-video video")
        await expect(self.page.locator(".player[data-phase=playing]")).to_be_visible()
        assert await video.evaluate(DECODED_FRAMES) > 0

    async def sees_video_from(self, address: str) -> None:
        """Wait until the player fetches from ``address`` (``/ll/`` or ``/hls/``) and the video plays."""
        await self.page.wait_for_function(FETCHES_FROM, arg=address, timeout=PATIENCE_MS)
        await self.sees_video_move()

    async def sees_video_in(self, mode: str) -> None:
        """Wait until the video plays in this mode, such as ``Real time``. It must not change the mode meanwhile."""
        statistics = self.page.locator("[data-stat=mode], [data-stat=why]")
        any_reason = re.compile("^")  # a failure then shows why another mode plays
        await expect(statistics).to_have_text([mode, any_reason])
        await self.sees_video_move()
        await expect(statistics).to_have_text([mode, any_reason])

    def statistic(self, name: str) -> Locator:
        """Return a figure of the player's open statistics."""
        return self.page.locator(f"[data-stat={name}]")

    def account_menu(self) -> Locator:
        return self.page.get_by_role("button", name="Account menu")

    def chat_lines(self) -> Locator:
        return self.page.locator(".chat__row .chat__text")

    def stream_badge(self) -> Locator:
        """Return the badge on a channel's page: LIVE, Reconnecting or Offline."""
        return self.page.locator(".about__facts .badge").first

    def card(self, title: str) -> Locator:
        """Return a stream's card in the live list."""
        return self.page.locator(".stream-card").filter(has_text=title)
