"""What a viewer notices when the web process restarts or is killed during a stream: part of ``make bench-resume``."""

import signal
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import pairwise
from uuid import uuid4

import httpx
import psutil
from playwright.async_api import Page

from benchmarks.player import STALL_MS
from benchmarks.results import load
from tests.rig.conditions import until, until_async
from tests.rig.processes import Process
from tests.rig.site import Site

REST_SECONDS = {"web-restart": 10.0, "web-kill": 31.0}
"""Time before each fault. A killed process is restarted without delay only if it had run for half a minute. A
requested restart is never delayed.
"""
BACK_SECONDS = 60.0
FAULTS: dict[str, Callable[[Site], None]] = {
    "web-restart": lambda site: site.process.signal(signal.SIGHUP),
    "web-kill": lambda site: site.kill_web_processes(),
}
SHOWN_SINCE = "(since) => window.probe.shown.map(([at]) => at).filter((at) => at > since)"
SHOWS_MESSAGE = "(text) => [...document.querySelectorAll('.chat__text')].some((line) => line.textContent === text)"


@dataclass(frozen=True, slots=True)
class Writer:
    """A user who writes in the channel's chat through the API."""

    channel_id: str
    token: str

    async def write(self, client: httpx.AsyncClient, text: str) -> bool:
        """Post a message, and return whether it was accepted."""
        try:
            answer = await client.post(
                f"/api/channels/{self.channel_id}/messages",
                json={"text": text},
                headers={"Authorization": f"Bearer {self.token}"},
            )
        except httpx.HTTPError:
            return False
        return answer.status_code == HTTPStatus.CREATED


@dataclass(frozen=True, slots=True)
class FaultEffects:
    """What a viewer noticed of one fault."""

    encoder_stayed_connected: bool
    stalls_ms: list[float]
    """Length of each stall."""
    chat_back_ms: float
    """Time from the fault until a message that was written after it was on the screen."""


async def measure_fault(page: Page, site: Site, publisher: Process, writer: Writer, fault: str) -> FaultEffects:
    """Cause the fault, and watch until chat works again and some seconds longer."""
    await page.wait_for_timeout(REST_SECONDS[fault] * 1000)
    connections, web_process = _connections(publisher), site.web_process()
    faulted_at = time.time() * 1000
    FAULTS[fault](site)
    await until(lambda: not web_process.is_running(), "the web process was gone", BACK_SECONDS)
    text = uuid4().hex
    async with httpx.AsyncClient(base_url=site.url, trust_env=False, timeout=2.0) as client:
        await until_async(lambda: writer.write(client, text), "the message was taken", BACK_SECONDS)
    await page.wait_for_function(SHOWS_MESSAGE, arg=text, timeout=BACK_SECONDS * 1000)
    chat_back_ms = time.time() * 1000 - faulted_at
    await page.wait_for_timeout(3000)
    shown: list[float] = await page.evaluate(SHOWN_SINCE, faulted_at)
    gaps = [after - before for before, after in pairwise([faulted_at, *shown])]
    return FaultEffects(_connections(publisher) == connections, [gap for gap in gaps if gap > STALL_MS], chat_back_ms)


def row_of(fault: str, effects: Sequence[FaultEffects]) -> Mapping[str, object]:
    """Return one row for all faults of one kind."""
    waits = [one.chat_back_ms for one in effects]
    stalls = [stall for one in effects for stall in one.stalls_ms]
    return {
        "web_process": fault,
        "times": len(effects),
        "encoder_cut": sum(not one.encoder_stayed_connected for one in effects),
        "stalls": len(stalls),
        "max_stall_ms": round(max(stalls, default=0)),
        "chat_back_ms": round(statistics.median(waits)),
        "chat_back_max_ms": round(max(waits)),
        "load": load(),
    }


def _connections(publisher: Process) -> list[psutil.Process]:
    """Return the encoder's connections; it starts a new ffmpeg for each one."""
    return psutil.Process(publisher.pid).children()
