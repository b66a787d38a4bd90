"""Crowds that leave at the same moment, or connect within one second: ``python -m benchmarks.chat_faults``.

A hundred other viewers read meanwhile and should notice nothing. docs/benchmarks.md explains the figures.
"""

import argparse
import asyncio
import resource
import signal
import sys
import time
from collections.abc import Sequence
from typing import Any

import uvloop

from benchmarks.chat_crowd import HERE, Crowd, Plan, Viewer
from benchmarks.chat_fanout import Web, crowd_process, running_web
from benchmarks.load_process import findings_of
from benchmarks.results import load, print_results
from benchmarks.site_environment import SiteEnvironment, temporary_site
from benchmarks.site_without_pages import usage
from tests.rig.conditions import until_async
from tests.rig.processes import Process
from tests.rig.site import choose_ports

STEADY = 100
"""Number of viewers who stay connected and read."""
RATE = 10
PATIENCE_SECONDS = 120.0


class ConnectionBurst:
    """A site, the viewers who stay connected, and a crowd that connects and leaves."""

    def __init__(self, web: Web, own: SiteEnvironment, channel_id: str) -> None:
        self._web = web
        self._own = own
        self._channel_id = channel_id
        self.settled_seconds: list[float] = []

    async def disconnect_at_once(self, cookies: Sequence[str], times: int) -> None:
        """Connect one viewer for each session and disconnect all at the same moment, ``times`` times."""
        for _ in range(times):
            viewers = await self._come(cookies, seconds=1.0, after="")
            await self._count_is(STEADY + len(viewers))
            for viewer in viewers:
                viewer.leave()
            await self._count_is(STEADY)

    async def connect_at_once(self, people: int) -> None:
        """Connect ``people`` viewers within a second, each with a cursor to resume from."""
        positions = await self._web.call("read archive", channel_id=self._channel_id, limit=50)
        viewers = await self._come([""] * people, seconds=1.0, after=str(positions[0]))
        await self._count_is(STEADY + people)
        for viewer in viewers:
            viewer.leave()
        await self._count_is(STEADY)

    async def _come(self, cookies: Sequence[str], seconds: float, after: str) -> list[Viewer]:
        crowd = Crowd(Plan(self._web.feed_socket, self._channel_id, len(cookies), 0, PATIENCE_SECONDS))
        viewers = [Viewer(crowd) for _ in cookies]
        began = time.monotonic()
        await asyncio.gather(
            *(
                viewer.come(seconds * index / len(viewers), self._web.feed_socket, after=after, cookies=words)
                for index, (viewer, words) in enumerate(zip(viewers, cookies, strict=True))
            )
        )
        await crowd.all_welcomed.wait()
        self.settled_seconds.append(time.monotonic() - began - seconds)
        return viewers

    async def _count_is(self, viewers: int) -> None:
        began = time.monotonic()

        async def is_right() -> bool:
            return await self._web.call("count", channel_id=self._channel_id) == viewers

        await until_async(is_right, f"{viewers} were counted")
        self.settled_seconds.append(time.monotonic() - began)


async def measure(what: str, people: int, times: int) -> dict[str, object]:
    """Run one burst, and return what the other viewers noticed."""
    with temporary_site(choose_ports(), {"SUPERVISE": "none"}) as own:
        process, web = await running_web(own, "web", {})
        try:
            channel_id = await web.call("create channel")
            await web.call("post messages", channel_id=channel_id, rate=50, begin_at=time.monotonic(), count=50)
            if what == "return":
                process.kill()
                process, web = await running_web(own, "web-again", {}, web.settings.feed_port)
            return await _measure_burst(what, people, times, own, web, channel_id)
        finally:
            process.stop()


async def _measure_burst(
    what: str, people: int, times: int, own: SiteEnvironment, web: Web, channel_id: str
) -> dict[str, object]:
    seconds = 6.0 + 4.0 * times + people / 200
    count = round(RATE * seconds)
    cookies = await web.call("sign in", users=people) if what == "leave" else []
    steady = crowd_process(channel_id, [web.feed_socket], STEADY, count, PATIENCE_SECONDS, own.folder)
    await asyncio.to_thread(steady.wait_until_said, HERE)
    begun = usage(web.process)
    talking = asyncio.create_task(
        web.call("post messages", channel_id=channel_id, rate=RATE, begin_at=time.monotonic() + 1, count=count)
    )
    burst = ConnectionBurst(web, own, channel_id)
    if what == "leave":
        await burst.disconnect_at_once(cookies, times)
    else:
        await burst.connect_at_once(people)
    ended = usage(web.process)
    outcomes = await talking
    found = await _found(steady)
    return {
        "burst": f"{people} {what}" + (f" x {times}" if times > 1 else ""),
        "steady": STEADY,
        "delivered": f"{found['delivered']}/{count * STEADY}",
        **{name: found[name] for name in ("p50_ms", "p95_ms", "p99_ms", "max_ms")},
        "settled_s": round(max(burst.settled_seconds), 2),
        "server_cpu_s": round(ended.cpu_seconds - begun.cpu_seconds, 2),
        "errors": sum(found["errors"].values()) + count - outcomes["taken"],
        "load": load(),
        "what_failed": {**found["errors"], **outcomes["refusals"]},
    }


async def _found(crowd: Process) -> dict[str, Any]:
    await asyncio.to_thread(crowd.wait_until_ended, PATIENCE_SECONDS)
    return findings_of(crowd)


async def _run(wanted: argparse.Namespace) -> None:
    print("500 leave in the same instant, ten times ...", file=sys.stderr, flush=True)
    rows = [await measure("leave", wanted.leaving, wanted.times)]
    print("2,000 come back in the same second ...", file=sys.stderr, flush=True)
    rows.append(await measure("return", wanted.returning, 1))
    print_results(rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run both bursts, and print the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leaving", type=int, default=500, help="signed-in viewers who leave at once (%(default)s)")
    parser.add_argument("--times", type=int, default=10, help="how often (%(default)s)")
    parser.add_argument("--returning", type=int, default=2000, help="viewers who come back at once (%(default)s)")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    try:
        uvloop.run(_run(parser.parse_args(arguments)))
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
