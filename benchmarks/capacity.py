"""Measure what streams, viewers, pages and messages cost, and compute what larger numbers of viewers need.

``python -m benchmarks.capacity``, or ``make bench-capacity``, prints both tables of docs/capacity.md.
"""

import argparse
import asyncio
import signal
import sys
from collections.abc import Awaitable, Sequence
from dataclasses import asdict
from typing import Any

from benchmarks import chat_fanout, origin, tabs
from benchmarks.capacity_model import Costs, Site, Unit, resources, table
from benchmarks.realtime import realtime
from benchmarks.results import load, print_results

VIEWERS = 500
CHATTERS, RATE = 1_000, 10
PAGES = 1_000
STREAMS = 10
SETTLING_SECONDS = 20.0
"""Time from the start of the streams until their CPU use is measured."""


async def measure(seconds: float) -> Costs:
    """Measure all costs, each for ``seconds``."""
    options = origin.Options(VIEWERS, [VIEWERS], seconds, seconds)
    streams = (await _part("streams", origin.streams(options, (STREAMS,), SETTLING_SECONDS)))[-1]
    fast = await _part("viewers in real time", realtime(VIEWERS, seconds))
    low = await _part("viewers in low latency", origin.viewers(options))
    [segments, *_] = await _part("segments", origin.segments(options))
    chat = await _part(
        "chat", chat_fanout.measure("local-1", CHATTERS, RATE, chat_fanout.Options(seconds, "socket", apart=False))
    )
    pages = await _part("pages", asyncio.to_thread(tabs.measure_site, PAGES, 2))
    return Costs(
        stream_packager_cores=streams["packager_percent_per_stream"] / 100,
        stream_nginx_cores=streams["nginx_percent_per_stream"] / 100,
        realtime_packager_cores=fast["packager_cores"] / VIEWERS,
        realtime_nginx_cores=fast["nginx_cores"] / VIEWERS,
        realtime_kb=fast["packager_kb_per_viewer"] + fast["nginx_kb_per_viewer"],
        low_nginx_cores=low["nginx_cores"] / VIEWERS,
        gbit_s_per_core=segments["gbit_s_per_core"],
        page_kb=pages[-1].page_kb,
        page_opening_ms=pages[-1].opening_ms,
        chat_delivery_us=chat["server_cpu_s"] / (CHATTERS * RATE * seconds) * 1e6,
        chat_kb=chat["rss_kb_per_viewer"],
    )


async def _part(name: str, measured: Awaitable[Any]) -> Any:
    print(f"{name} ...", file=sys.stderr, flush=True)
    found = await measured
    if isinstance(found, dict) and found["errors"]:
        message = f"{name}: the measurement failed: {found['what_failed']}. Is the machine busy?"
        raise RuntimeError(message)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print the costs and the needs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="to measure each cost (%(default)g)")
    wanted = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        costs = asyncio.run(measure(wanted.seconds))
    except KeyboardInterrupt:
        return 130
    print_results([{"cost": name, "value": f"{value:.3g}", "load": load()} for name, value in asdict(costs).items()])
    print_results(table(resources(costs, Site(), Unit())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
