"""Measure how much later than its picture the sound of a stream is heard, through the whole site.

``python -m benchmarks.sound``, or ``make bench-sound``. docs/benchmarks.md explains the figures.
"""

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Page

from benchmarks import beeper, player
from benchmarks.channels import Publishing
from benchmarks.live_site import DELIVERIES, site_with_channels, until_live
from benchmarks.results import Row, load, percentile, print_results
from streaming_app.backend.streams.model import Latency
from tests.rig.chromium import running_chromium
from tests.rig.site import Site, choose_ports

FLASHES = 40
TARGET_MS = 45.0
PROBE = Path(__file__).with_name("sound_probe.js")
DETECTOR = Path(__file__).with_name("beep_detector.js")
PLAYS_MS = 30_000
DEADLINE_FACTOR = 3
"""How many times longer than usual the flashes may take, because a busy machine skips some."""
PLAYS = "(mode) => document.querySelector('[data-stat=mode]')?.textContent === mode"
FORGET = "() => Object.assign(window.soundProbe, { flashes: [], beeps: [], skipped: 0 })"
HAS_FLASHES = "(count) => window.soundProbe.flashes.length >= count"


@dataclass(frozen=True, slots=True)
class Mode:
    """One measurement: the latency setting of the channel, and whether the browser has WebCodecs."""

    name: str
    latency: Latency
    has_webcodecs: bool = True


MODES = (
    Mode("rt", Latency.REALTIME),
    Mode("rt-mse", Latency.REALTIME, has_webcodecs=False),
    Mode("low", Latency.LOW),
    Mode("normal", Latency.NORMAL),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the chosen modes, and print the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flashes", type=int, default=FLASHES, help="for each mode (%(default)s)")
    names = [mode.name for mode in MODES]
    parser.add_argument("--modes", default=",".join(names), help="some of %(default)s")
    wanted = parser.parse_args(arguments)
    modes = [mode for mode in MODES if mode.name in wanted.modes.split(",")]
    if not modes:
        parser.error(f"there are: {', '.join(names)}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        measure_all(modes, wanted.flashes)
    except KeyboardInterrupt:
        return 130
    return 0


def measure_all(modes: Sequence[Mode], flashes: int) -> None:
    """Measure the modes on one site, one after another, and print the results."""
    rows: list[Row] = []
    latencies = {mode.name: mode.latency for mode in modes}
    try:
        with site_with_channels(latencies, choose_ports(), {"TRANSCODE": "off"}) as (site, channels):
            for mode in modes:
                print(f"{mode.name} ...", file=sys.stderr, flush=True)
                rows.append(_measure(site, channels[mode.name], mode, flashes))
    finally:
        print_results(rows)


def _measure(site: Site, channel: Publishing, mode: Mode, flashes: int) -> Row:
    publisher = beeper.start(channel.rtmp_url, site.process.log.with_name(f"{mode.name}.log"))
    try:
        return asyncio.run(_listen(site, channel, mode, flashes))
    finally:
        publisher.stop()


async def _listen(site: Site, channel: Publishing, mode: Mode, flashes: int) -> Row:
    await until_live(site, channel, "source")
    async with running_chromium() as browser, _watching(browser, f"{site.url}/c/{channel.slug}", mode) as page:
        await page.wait_for_function(PLAYS, arg=DELIVERIES[mode.latency], timeout=PLAYS_MS)
        await page.wait_for_timeout(player.SETTLING_SECONDS * 1000)
        await page.evaluate(FORGET)
        usual_ms = flashes * beeper.interval_seconds() * 1000
        await page.wait_for_function(HAS_FLASHES, arg=flashes, timeout=usual_ms * DEADLINE_FACTOR, polling=500)
        await page.wait_for_timeout(beeper.interval_seconds() * 1000)  # for the last beep
        found = await page.evaluate("window.soundProbe")
        statistics = await page.evaluate(player.STATISTICS)
    if statistics["mode"] != DELIVERIES[mode.latency]:
        message = f"The page played {statistics['mode']} ({statistics['why']}) at the end."
        raise RuntimeError(message)
    offsets = offsets_ms(found["flashes"], found["beeps"])
    if not offsets:
        message = f"No flash had a beep, but there were {len(found['beeps'])} beeps."
        raise RuntimeError(message)
    return {
        "mode": mode.name,
        "median_ms": round(percentile(offsets, 0.5)),
        "worst_ms": round(max(offsets, key=abs)),
        "beyond_45_ms": sum(abs(offset) > TARGET_MS for offset in offsets),
        "flashes": len(found["flashes"]),
        "silent": len(found["flashes"]) - len(offsets),
        "skipped": found["skipped"],
        "underruns": statistics.get("underruns"),
        "load": load(),
    }


def offsets_ms(flashes: Sequence[float], beeps: Sequence[float]) -> list[float]:
    """Return how much later each flash's beep was heard than the flash was shown. Both are times in milliseconds.

    A flash without a beep within half an interval is left out.
    """
    nearest = (min((beep - flash for beep in beeps), key=abs) for flash in flashes if beeps)
    return [offset for offset in nearest if abs(offset) < beeper.interval_seconds() * 500]


@asynccontextmanager
async def _watching(browser: Browser, url: str, mode: Mode) -> AsyncGenerator[Page]:
    facts = json.dumps({"detector": DETECTOR.read_text(encoding="utf-8"), "flashShare": beeper.FLASH_SHARE})
    # The site's policy forbids scripts from blobs, from which the detector is loaded.
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=True)
    try:
        page = await context.new_page()
        await page.add_init_script(f"{PROBE.read_text(encoding='utf-8').rstrip()}({facts});")
        if not mode.has_webcodecs:
            await page.add_init_script(player.WITHOUT_WEBCODECS)
        await page.goto(url, wait_until="commit")
        yield page
    finally:
        await context.close()


if __name__ == "__main__":
    sys.exit(main())
