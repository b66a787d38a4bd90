"""What a viewer notices when an encoder takes over from a frozen one, and when the owner ends the stream.

Part of ``make bench-resume``.
"""

import statistics
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
from playwright.async_api import Browser, Page

from benchmarks import encoder
from benchmarks.channels import Publishing
from benchmarks.encoder import Picture
from benchmarks.results import load
from streaming_app.backend.bootstrap import open_backend
from streaming_app.backend.config import Settings
from streaming_app.backend.streams.ports import Ingest
from tests.rig.conditions import until_async
from tests.rig.processes import Process

CHANGES = ("takeover", "end")
END_HOLD = {"END_HOLD": "1"}
"""Setting that lets the encoder start the next stream soon after the end of one."""
REST_SECONDS = 8.0
"""Time before each change, in which the player returns to its usual delay."""
WAIT_SECONDS = 60.0
SHOWN_AT = "(since) => window.probe.shown.find(([at, delay]) => at - delay > since)?.[0]"
"""Time at which the first picture made after ``since`` was shown; Unix time, in milliseconds."""
ENDED_AT = "() => document.querySelector('.about__facts .badge')?.textContent === 'Offline' && Date.now()"


class Scenario:
    """A stream, a viewer, and the owner."""

    def __init__(self, url: str, settings: Settings, channel: Publishing, page: Page, log: Path) -> None:
        self._url = url
        self._settings = settings
        self._channel = channel
        self._page = page
        self._log = log

    async def take_over(self, frozen: Process) -> tuple[Process, list[float]]:
        """Freeze an encoder while another one tries to connect four times a second.

        Returns the new encoder, and the times in milliseconds from the freeze until nginx accepted it and until its
        first picture was shown.
        """
        standby = encoder.start(self._channel.rtmp_url, Picture(), self._log, comes_back=True)
        try:
            async with open_backend(self._settings) as backend:
                await self._page.wait_for_timeout(REST_SECONDS * 1000)
                first = await self._publisher(backend.ingest)
                began_at = time.time() * 1000
                for child in psutil.Process(frozen.pid).children():
                    child.suspend()

                async def is_accepted() -> bool:
                    return await self._publisher(backend.ingest) not in ("", first)

                await until_async(is_accepted, "the other encoder was accepted", WAIT_SECONDS)
                accepted_at = time.time() * 1000
                shown = await self._page.wait_for_function(SHOWN_AT, arg=began_at, timeout=WAIT_SECONDS * 1000)
        except BaseException:
            standby.stop()
            raise
        frozen.kill_group()
        return standby, [accepted_at - began_at, await shown.json_value() - began_at]

    async def end(self, browser: Browser) -> list[float]:
        """Return the milliseconds from the owner's click until the viewer's page said that the stream had ended.

        The encoder publishes again when this returns.
        """
        async with self._studio(browser) as studio:
            await studio.get_by_role("button", name="End stream").click()
            confirm = studio.get_by_role("button", name="End it now")
            await self._page.wait_for_timeout(REST_SECONDS * 1000)
            began_at = time.time() * 1000
            await confirm.click()
            ended = await self._page.wait_for_function(ENDED_AT, timeout=WAIT_SECONDS * 1000)
        await self._page.wait_for_function(SHOWN_AT, arg=began_at + 1000, timeout=WAIT_SECONDS * 1000)
        return [await ended.json_value() - began_at]

    async def _publisher(self, ingest: Ingest) -> str:
        return (await ingest.publishers()).get(self._channel.channel_id, "")

    @asynccontextmanager
    async def _studio(self, browser: Browser) -> AsyncGenerator[Page]:
        async with open_backend(self._settings) as backend:
            channel = await backend.channels.get(self._channel.channel_id)
            ticket = await backend.accounts.sessions.issue_ticket(await backend.store.users.get(channel.owner_id))
        context = await browser.new_context()
        try:
            origin = {"Origin": self._url}
            await context.request.post(f"{self._url}/api/auth/session", data={"ticket": ticket}, headers=origin)
            page = await context.new_page()
            await page.goto(f"{self._url}/studio")
            yield page
        finally:
            await context.close()


async def measure(
    scenario: Scenario, browser: Browser, publisher: Process, names: Sequence[str], times: int
) -> list[Mapping[str, object]]:
    """Make each change ``times`` times, and return one row for each of ``names``."""
    waits: dict[str, list[list[float]]] = {name: [] for name in names}
    first = publisher
    try:
        for name in [*names] * times:
            if name == "takeover":
                publisher, found = await scenario.take_over(publisher)
            else:
                found = await scenario.end(browser)
            waits[name].append(found)
    finally:
        if publisher is not first:
            publisher.stop()
    return [_row(name, found) for name, found in waits.items()]


def _row(name: str, waits: Sequence[Sequence[float]]) -> Mapping[str, object]:
    noticed, *shown = zip(*waits, strict=True)
    return {
        "change": name,
        "noticed_ms": round(statistics.median(noticed)),
        "noticed_max_ms": round(max(noticed)),
        "shown_ms": round(statistics.median(shown[0])) if shown else None,
        "shown_max_ms": round(max(shown[0])) if shown else None,
        "times": len(waits),
        "load": load(),
    }
