"""Measure how soon a viewer sees video again after a fault: ``python -m benchmarks.resume``, ``make bench-resume``.

A watch page is open in a browser while a part of the site or the encoder's connection is killed. The clock in the
picture tells when the first picture that was made after the fault is shown. docs/benchmarks.md explains the figures.
"""

import argparse
import asyncio
import signal
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from playwright.async_api import Page

from benchmarks import encoder, player, stream_changes, web_faults
from benchmarks.channels import Publishing, add_channels
from benchmarks.encoder import Picture
from benchmarks.results import load, print_results
from benchmarks.site_environment import temporary_site
from benchmarks.stream_changes import SHOWN_AT, Scenario
from benchmarks.web_faults import FaultEffects, Writer
from streaming_app.backend.accounts.api_tokens import NewToken
from streaming_app.backend.accounts.token_scopes import TokenScope
from streaming_app.backend.bootstrap import open_backend
from streaming_app.backend.config import Settings
from streaming_app.backend.streams.model import Latency
from tests.rig.chromium import running_chromium
from tests.rig.processes import Process
from tests.rig.site import Site, choose_ports, running_site

TIMES = 5
REST_SECONDS = 10.0
"""Time between two faults, in which the player returns to its usual delay. The faults alternate, because the
supervisor waits longer and longer before it restarts a part that dies again within half a minute.
"""
RESUME_MS = 60_000

Fault = Callable[[Site, Process], None]
FAULTS: dict[str, Fault] = {
    "packager": lambda site, _: site.serving_packager().kill(),
    "packager-and-standby": lambda site, _: site.kill("streaming_app.backend.packager"),
    "nginx-front": lambda site, _: site.kill("/nginx/front/nginx.conf"),
    "nginx-ingest": lambda site, _: site.kill("/nginx/ingest/nginx.conf"),
    "nginx-worker": lambda site, _: site.kill("nginx: worker"),
    "publisher": lambda _, publisher: _kill_connection(publisher),
}
MODES = {"realtime": Latency.REALTIME, "low": Latency.LOW}
"""The settings of a channel, by the names of the modes that its viewers watch."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """How playback continued after one fault."""

    wait_ms: float
    """Time from the fault until a picture was shown that was made after it."""
    played: Sequence[str]
    """The modes since the fault, as the page's statistics name them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the chosen faults, and print the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--modes", default=",".join(MODES), help="some of %(default)s")
    parser.add_argument("--times", type=int, default=TIMES, help="how often each fault happens (%(default)s)")
    known = [*FAULTS, *web_faults.FAULTS, *stream_changes.CHANGES]
    parser.add_argument("--faults", default=",".join(known), help="some of %(default)s")
    wanted = parser.parse_args(arguments)
    names = [name for name in wanted.faults.split(",") if name]
    modes = [mode for mode in wanted.modes.split(",") if mode]
    if unknown := {*names, *modes} - {*known, *MODES}:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    ports = choose_ports()  # of all sites, because the pages are built for one front door
    try:
        for mode in modes:
            for rows in measure(mode, ports, names, wanted.times):
                print_results([{"mode": mode, **row} for row in rows])
    except KeyboardInterrupt:
        return 130
    return 0


def measure(mode: str, ports: Mapping[str, int], names: Sequence[str], times: int) -> list[list[Mapping[str, object]]]:
    """Run one site and one page for all faults. Returns tables for video, web process and changes of the stream."""
    with temporary_site(ports, {"TRANSCODE": "off", **stream_changes.END_HOLD}) as own:
        channels = asyncio.run(add_channels(own.settings, {"resume": MODES[mode]}))
        writer = asyncio.run(_add_writer(own.settings, channels["resume"]))
        with running_site(own.folder, ports, own.environment) as site:
            channel = channels["resume"]
            publisher = encoder.start(channel.rtmp_url, Picture(), own.folder / "encoder.log", comes_back=True)
            try:
                return asyncio.run(_watch(site, own.settings, channel, publisher, writer, names, times))
            finally:
                publisher.stop()


async def _watch(
    site: Site,
    settings: Settings,
    channel: Publishing,
    publisher: Process,
    writer: Writer,
    names: Sequence[str],
    times: int,
) -> list[list[Mapping[str, object]]]:
    async with running_chromium() as browser, player.watching(browser, f"{site.url}/c/{channel.slug}") as page:
        await player.first_picture(page)
        resumed: dict[str, list[Resumed]] = {name: [] for name in names if name in FAULTS}
        noticed: dict[str, list[FaultEffects]] = {name: [] for name in names if name in web_faults.FAULTS}
        for name in [*resumed, *noticed] * times:
            print(f"{name} ...", file=sys.stderr, flush=True)
            if name in FAULTS:
                resumed[name].append(await _recovery(page, site, publisher, FAULTS[name]))
            else:
                noticed[name].append(await web_faults.measure_fault(page, site, publisher, writer, name))
        scenario = Scenario(site.url, settings, channel, page, Path(f"{publisher.log}.2"))
        changes = [name for name in names if name in stream_changes.CHANGES]
        changed = await stream_changes.measure(scenario, browser, publisher, changes, times)
    return [_rows_of(resumed), [web_faults.row_of(name, seen) for name, seen in noticed.items()], changed]


def _rows_of(resumed: Mapping[str, Sequence[Resumed]]) -> list[Mapping[str, object]]:
    return [
        {
            "killed": name,
            "resumed_ms": round(statistics.median(one.wait_ms for one in found)),
            "max_ms": round(max(one.wait_ms for one in found)),
            "played": ", ".join(dict.fromkeys(mode for one in found for mode in one.played)),
            "times": len(found),
            "load": load(),
        }
        for name, found in resumed.items()
    ]


async def _recovery(page: Page, site: Site, publisher: Process, fault: Fault) -> Resumed:
    """Cause the fault, and wait until a picture is shown that was made after it."""
    await page.wait_for_timeout(REST_SECONDS * 1000)
    faulted_at = time.time() * 1000
    fault(site, publisher)
    found = await page.wait_for_function(SHOWN_AT, arg=faulted_at, timeout=RESUME_MS)
    shown_at: float = await found.json_value()
    return Resumed(shown_at - faulted_at, player.played_since(await page.evaluate("window.probe.modes"), faulted_at))


async def _add_writer(settings: Settings, channel: Publishing) -> Writer:
    async with open_backend(settings) as backend:
        owner = (await backend.store.channels.get(channel.channel_id)).owner_id
        token = NewToken("benchmark", (TokenScope.CHAT_WRITE,), "7")
        return Writer(channel.channel_id, await backend.api_tokens.create(owner, token))


def _kill_connection(publisher: Process) -> None:
    for child in psutil.Process(publisher.pid).children():
        child.kill()


if __name__ == "__main__":
    sys.exit(main())
