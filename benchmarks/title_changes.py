"""Measure the cost of a new title while many people watch: ``python -m benchmarks.title_changes``.

The chat is read twice, once while the title of the live stream changes repeatedly. Meanwhile another client sends
requests to the same process. docs/benchmarks.md explains the figures.
"""

import argparse
import asyncio
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress

from benchmarks.chat_crowd import HERE
from benchmarks.chat_fanout import Web, crowd_process, running_web
from benchmarks.load_process import findings_of
from benchmarks.results import load, percentile, print_results
from benchmarks.site_environment import SiteEnvironment, temporary_site
from benchmarks.site_without_pages import usage
from tests.rig.site import choose_ports

VIEWERS = 400
RATE = 10
SECONDS = 20.0
CHANGE_SECONDS = 1.0
ASK_SECONDS = 0.05
CALM_SECONDS = 2.0
GRACE_SECONDS = 8.0


async def measure(viewers: int, seconds: float, *, changes: bool) -> dict[str, object]:
    """Measure one site and one crowd, with or without new titles."""
    with temporary_site(choose_ports(), {"SUPERVISE": "none"}) as own:
        process, web = await running_web(own, "web", {})
        try:
            return await _measure(own, web, viewers, seconds, changes=changes)
        finally:
            process.stop()


async def _measure(own: SiteEnvironment, web: Web, viewers: int, seconds: float, *, changes: bool) -> dict[str, object]:
    channel_id = await web.call("create channel", live=True)
    count = round(RATE * seconds)
    crowd = crowd_process(channel_id, [web.feed_socket], viewers, count, seconds + GRACE_SECONDS, own.folder)
    await asyncio.to_thread(crowd.wait_until_said, HERE)
    begin_at = time.monotonic() + CALM_SECONDS
    talking = asyncio.create_task(
        web.call("post messages", channel_id=channel_id, rate=RATE, begin_at=begin_at, count=count)
    )
    await asyncio.sleep(begin_at - time.monotonic())
    begun = usage(web.process)
    waits, titles = await _ask_and_change(web, channel_id, seconds, changes=changes)
    ended = usage(web.process)
    outcome = await talking
    await asyncio.to_thread(crowd.wait_until_ended, 60)
    found = findings_of(crowd)
    return {
        "viewers": viewers,
        "titles": titles,
        "delivered": f"{found['delivered']}/{count * viewers}",
        **{name: found[name] for name in ("p50_ms", "p95_ms", "p99_ms", "max_ms")},
        **{f"answer_p{share}_ms": round(percentile(waits, share / 100) * 1000, 1) for share in (50, 99)},
        "answer_max_ms": round(max(waits) * 1000, 1),
        "server_cpu_s": round(ended.cpu_seconds - begun.cpu_seconds, 2),
        "errors": sum(found["errors"].values()) + count - outcome["taken"],
        "load": load(),
        "what_failed": {**found["errors"], **outcome["refusals"]},
    }


async def _ask_and_change(web: Web, channel_id: str, seconds: float, *, changes: bool) -> tuple[list[float], int]:
    """Return the duration of each answer, and the number of new titles."""
    waits: list[float] = []
    titles, next_change_at = 0, time.monotonic()
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                await asyncio.sleep(ASK_SECONDS)
                asked_at = time.monotonic()
                await web.call("read archive", channel_id=channel_id, limit=50)
                waits.append(time.monotonic() - asked_at)
                if changes and time.monotonic() >= next_change_at:
                    next_change_at += CHANGE_SECONDS
                    titles += 1
                    await web.call("set title", channel_id=channel_id, title=f"Title number {titles}")
    return waits, titles


async def _run(viewers: int, seconds: float) -> None:
    rows: list[dict[str, object]] = []
    for changes in (False, True):
        print(f"{viewers} viewers, {'new titles' if changes else 'one title'} ...", file=sys.stderr, flush=True)
        rows.append(await measure(viewers, seconds, changes=changes))
    print_results(rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure both cases, and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--viewers", type=int, default=VIEWERS, help="who watch (%(default)s)")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of chat (%(default)g)")
    wanted = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        asyncio.run(_run(wanted.viewers, wanted.seconds))
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
