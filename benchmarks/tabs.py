"""Measure the memory of an open page in the web process: ``python -m benchmarks.tabs``, ``make bench-tabs``.

Pages of visitors who are not signed in are opened over the event websocket, as a browser opens them, and stay open.
docs/benchmarks.md explains the figures.
"""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

from benchmarks.event_client import EventClient
from benchmarks.results import load, print_results
from benchmarks.site_environment import temporary_site
from benchmarks.site_without_pages import Usage, usage
from streaming_app import routes
from tests.rig.site import choose_ports, running_site

PAGES = 500
ROUNDS = 4
AT_ONCE = 20
"""Number of pages that open at the same time."""
REST_SECONDS = 5.0
"""Time in which the web process frees what idle pages do not need."""
LIMITS = {"TABS_MAX": "20000", "TABS_MAX_PER_ADDRESS": "20000", "CONNECTIONS_PER_ADDRESS": "40000"}


@dataclass(frozen=True, slots=True)
class Measured:
    """What the web process used while pages were opened."""

    pages: int
    before: Usage
    after: Usage

    @property
    def page_kb(self) -> float:
        """Memory of each page that stays open."""
        return round((self.after.resident_bytes - self.before.resident_bytes) / 1000 / self.pages, 1)

    @property
    def opening_ms(self) -> float:
        """CPU time for each opened page."""
        return round((self.after.cpu_seconds - self.before.cpu_seconds) * 1000 / self.pages, 2)


async def open_pages(port: int, count: int, path: str) -> None:
    """Open ``count`` pages that stay open, each in a browser of its own. Return when all have received their state."""
    pages = [EventClient() for _ in range(count)]
    for start in range(0, count, AT_ONCE):
        together = enumerate(pages[start : start + AT_ONCE], start)
        await asyncio.gather(
            *(page.open(port, f"100.64.{number // 250}.{number % 250}", path=path) for number, page in together)
        )


def measure_site(pages: int, rounds: int, path: str = routes.HOME) -> list[Measured]:
    """Start a site, open ``pages`` in each round, and return what each used. All pages stay open until the end."""
    ports = choose_ports()

    async def measure(web_process: psutil.Process) -> list[Measured]:
        await open_pages(ports["HTTP_PORT"], AT_ONCE, path)  # fills the caches of the process
        await asyncio.sleep(REST_SECONDS)
        measured: list[Measured] = []
        for _ in range(rounds):
            before = usage(web_process)
            await open_pages(ports["HTTP_PORT"], pages, path)
            await asyncio.sleep(REST_SECONDS)
            measured.append(Measured(pages, before, usage(web_process)))
        return measured

    with temporary_site(ports, LIMITS) as own, running_site(own.folder, ports, own.environment) as site:
        return asyncio.run(measure(site.web_process()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=PAGES, help="of each round (%(default)s)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="the pages of all rounds stay open (%(default)s)")
    parser.add_argument("--path", default=routes.HOME, help="path of the page (%(default)s)")
    wanted = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        measured = measure_site(wanted.pages, wanted.rounds, wanted.path)
    except KeyboardInterrupt:
        return 130
    print_results(
        [
            {
                "mode": f"pages-{wanted.pages * number}",
                "resident_mb": round(one.after.resident_bytes / 1e6, 1),
                "kb_per_page": one.page_kb,
                "cpu_ms_per_page": one.opening_ms,
                "load": load(),
            }
            for number, one in enumerate(measured, 1)
        ]
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
