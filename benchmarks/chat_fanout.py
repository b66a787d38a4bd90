"""Measure chat: the delay of messages for a number of viewers, and what the server needs for it.

``python -m benchmarks.chat_fanout``, or ``make bench-chat``. docs/benchmarks.md explains the figures.
"""

import argparse
import asyncio
import json
import signal
import sys
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from benchmarks.chat_crowd import HERE
from benchmarks.load_process import findings_of
from benchmarks.results import load, print_results
from benchmarks.site_environment import SiteEnvironment, temporary_site
from benchmarks.site_without_pages import usage
from streaming_app.backend.adapters.kafka import make_topics
from streaming_app.backend.config import Settings
from tests.rig.kafka import running_kafka
from tests.rig.mongo import running_mongo, with_database
from tests.rig.nginx import feed_socket, running_front
from tests.rig.ports import HOST, free_port
from tests.rig.processes import Process
from tests.rig.site import ROOT, choose_ports

VIEWERS = (100, 500, 1000, 2000)
RATES = (10, 50)
SITES = ("baseline-1", "local-1", "kafka-1", "kafka-2")
"""Bus and number of web processes: one without Kafka. ``baseline`` is the websocket library without the site."""
SITE = "benchmarks.chat_site"
PROGRAMS = {"baseline": "benchmarks.chat_baseline"}
"""Programs of the sites that do not run ``SITE``."""
CONNECT_BY = ("socket", "port", "nginx")
"""What viewers connect to: the feed's socket, as nginx does, the feed's port, or the front door."""
CALM_SECONDS = 2.0
"""Time between the connection of the last viewer and the first message."""
GRACE_SECONDS = 8.0
"""Time for messages to arrive after the last one was sent. It includes ``CALM_SECONDS``."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options of the command line."""

    seconds: float
    by: str
    """How viewers connect to the feed: one of ``CONNECT_BY``."""
    apart: bool
    """Whether readers have a CPU core of their own, as if they ran on another machine."""


@dataclass(frozen=True, slots=True)
class Web:
    """One web process, and how to connect to it."""

    process: psutil.Process
    control_port: int
    settings: Settings

    @property
    def feed_socket(self) -> str:
        """Return the path of the socket on which nginx connects to its feed."""
        return str(feed_socket(self.settings))

    async def call(self, what: str, **words: object) -> Any:
        """Send a command to its control port, and return the answer."""
        reader, writer = await asyncio.open_connection(HOST, self.control_port, limit=2**24)
        writer.write(json.dumps({"do": what, **words}).encode() + b"\n")
        answer = json.loads(await reader.readline())
        writer.close()
        return answer


async def measure(site: str, viewers: int, rate: int, options: Options) -> dict[str, object]:
    """Measure one combination: ``rate`` messages a second, read by ``viewers`` viewers."""
    async with _running(site, options) as (webs, doors, folder):
        channel_id = await webs[0].call("create channel")
        before = [usage(web.process) for web in webs]
        count = round(rate * options.seconds)
        crowd = crowd_process(channel_id, doors, viewers, count, options.seconds + GRACE_SECONDS, folder)
        await asyncio.to_thread(crowd.wait_until_said, HERE)
        if options.apart:
            _set_apart(crowd.pid, [web.process for web in webs])
        begin_at = time.monotonic() + CALM_SECONDS
        shares = [count // len(webs) + (index < count % len(webs)) for index in range(len(webs))]
        talking = [
            asyncio.create_task(
                web.call(
                    "post messages",
                    channel_id=channel_id,
                    rate=rate / len(webs),
                    begin_at=begin_at + index / rate,
                    count=share,
                )
            )
            for index, (web, share) in enumerate(zip(webs, shares, strict=True))
        ]
        await asyncio.sleep(begin_at - time.monotonic())
        begun = [usage(web.process) for web in webs]
        await asyncio.sleep(options.seconds)
        ended = [usage(web.process) for web in webs]
        outcomes = await asyncio.gather(*talking)
        await asyncio.to_thread(crowd.wait_until_ended, 60)
        found = findings_of(crowd)
        refused = count - sum(outcome["taken"] for outcome in outcomes)
        archived = await webs[0].call("read archive", channel_id=channel_id, limit=10 * count)
    errors = {**found["errors"], **({"refused": refused} if refused else {})}
    if len(archived) != count - refused:
        errors["not archived once"] = count - refused - len(archived)
    return {
        "bus": site.partition("-")[0],
        "by": options.by,
        "processes": len(webs),
        "viewers": viewers,
        "rate": rate,
        "delivered": f"{found['delivered']}/{count * viewers}",
        **{name: found[name] for name in ("p50_ms", "p95_ms", "p99_ms", "max_ms")},
        "server_cpu_s": round(sum(e.cpu_seconds - b.cpu_seconds for b, e in zip(begun, ended, strict=True)), 2),
        "rss_kb_per_viewer": round(
            sum(e.resident_bytes - b.resident_bytes for b, e in zip(before, ended, strict=True)) / 1024 / viewers, 1
        ),
        "taken_p50_ms": max(outcome["p50_ms"] for outcome in outcomes),
        "frames": found["frames"],
        "crowd_cpu_s": found["crowd_cpu_s"],
        "errors": sum(errors.values()),
        "seconds": options.seconds,
        "load": load(),
        "what_failed": errors,
    }


def _set_apart(crowd_pid: int, webs: Sequence[psutil.Process]) -> None:
    *cores, last = sorted(psutil.Process().cpu_affinity())
    psutil.Process(crowd_pid).cpu_affinity([last])
    for web in webs:
        web.cpu_affinity(cores)


def crowd_process(
    channel_id: str, doors: Sequence[str], viewers: int, count: int, patience: float, folder: Path
) -> Process:
    """Start the readers in a process of their own, which prints ``HERE`` when all are connected."""
    plan = {
        "channel-id": channel_id,
        "doors": _words(doors),
        "viewers": viewers,
        "expected": count,
        "patience": patience,
    }
    command = [sys.executable, "-m", "benchmarks.chat_crowd", *(f"--{name}={value}" for name, value in plan.items())]
    return Process("crowd", command, folder / "crowd.log", folder=ROOT)


@asynccontextmanager
async def _running(site: str, options: Options) -> AsyncGenerator[tuple[list[Web], list[str], Path]]:
    """Run a site. Yields its web processes, the addresses for viewers, and a folder for logs."""
    bus, _, processes = site.partition("-")
    with temporary_site(choose_ports(), {"SUPERVISE": "none"}) as own:
        program = PROGRAMS.get(bus, SITE)
        async with _scaled(own, bus) as changes, _webs(own, program, changes, int(processes)) as webs:
            if options.by == "socket":
                yield webs, [web.feed_socket for web in webs], own.folder
            elif options.by == "port":
                yield webs, [str(web.settings.feed_port) for web in webs], own.folder
            else:
                with running_front(own.settings):
                    yield webs, [str(own.settings.http_port)], own.folder


@asynccontextmanager
async def _webs(
    own: SiteEnvironment, program: str, changes: Mapping[str, str], processes: int
) -> AsyncGenerator[list[Web]]:
    webs: list[Web] = []
    running: list[Process] = []
    try:
        for index in range(processes):
            feed_port = None if index == 0 else free_port()
            process, web = await running_web(own, f"web-{index}", changes, feed_port, program)
            running.append(process)
            webs.append(web)
        yield webs
    finally:
        for process in running:
            process.stop()


@asynccontextmanager
async def _scaled(own: SiteEnvironment, bus: str) -> AsyncGenerator[dict[str, str]]:
    """Run broker, database and archiver. Yields the settings to connect to them, none without Kafka."""
    if bus != "kafka":
        yield {}
        return
    with running_kafka(own.folder / "kafka") as broker, running_mongo(own.folder / "mongo") as database:
        changes = {
            "SECRET_KEY": "a secret for the benchmark, long enough",
            "MONGO_URL": with_database(database.url, "site"),
            "KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap_servers,
        }
        await make_topics(broker.bootstrap_servers, "")
        command = [sys.executable, "-m", "streaming_app.backend", "worker", "chat-archiver"]
        environment = {**own.environment, **changes}
        archiver = Process("archiver", command, own.folder / "archiver.log", environment=environment, folder=ROOT)
        try:
            yield changes
        finally:
            archiver.stop()


async def running_web(
    own: SiteEnvironment, name: str, changes: Mapping[str, str], feed_port: int | None = None, program: str = SITE
) -> tuple[Process, Web]:
    """Start one more web process and wait until it serves. ``feed_port`` replaces the feed's port of the site."""
    control_port, feed_port = free_port(), feed_port or own.settings.feed_port
    settings = own.settings.model_copy(update={"feed_port": feed_port})
    room = {"FEED_PORT": str(feed_port), "FEED_MAX_CONNECTIONS_PER_ADDRESS": "20000"}
    environment = {**own.environment, **changes, **room}
    command = [sys.executable, "-m", program, f"--control-port={control_port}"]
    process = Process(name, command, own.folder / f"{name}.log", environment=environment, folder=ROOT)
    await asyncio.to_thread(process.wait_until_listening, control_port)
    return process, Web(psutil.Process(process.pid), control_port, settings)


async def _run(wanted: argparse.Namespace) -> None:
    options = Options(wanted.seconds, wanted.by, wanted.apart)
    rows: list[dict[str, object]] = []
    for site in wanted.sites.split(","):
        for viewers in map(int, str(wanted.viewers).split(",")):
            for rate in map(int, str(wanted.rates).split(",")):
                print(f"{site}: {viewers} viewers, {rate} messages/s ...", file=sys.stderr, flush=True)
                rows.append(await measure(site, viewers, rate, options))
    print_results(rows)


def _words(values: Sequence[object]) -> str:
    return ",".join(map(str, values))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the chosen combinations, and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", default=_words(SITES), help="bus and number of web processes (%(default)s)")
    parser.add_argument("--viewers", default=_words(VIEWERS), help="%(default)s")
    parser.add_argument("--rates", default=_words(RATES), help="messages a second (%(default)s)")
    parser.add_argument("--seconds", type=float, default=20.0, help="to write (%(default)g)")
    parser.add_argument("--by", choices=CONNECT_BY, default="socket", help="where viewers connect (%(default)s)")
    parser.add_argument("--apart", action="store_true", help="readers have a core of their own, the site the others")
    wanted = parser.parse_args(arguments)
    if set(wanted.sites.split(",")) - set(SITES):
        parser.error(f"sites are {', '.join(SITES)}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        asyncio.run(_run(wanted))
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
