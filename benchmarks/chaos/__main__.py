"""Cause faults in every part of a site under load, and report what was lost: ``python -m benchmarks.chaos``."""

import argparse
import random
import resource
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import islice

import uvloop

from benchmarks import encoder
from benchmarks.chaos import population
from benchmarks.chaos.chaos_site import Servers, running_servers
from benchmarks.chaos.faults import Fault, faults_of, in_turn_and_at_random
from benchmarks.chaos.measurement import Options, Outcome, Run
from benchmarks.chaos.population import Channel
from benchmarks.chaos.real_mongo import RealMongo
from benchmarks.chaos.report import print_report
from benchmarks.encoder import Picture
from streaming_app.backend.bootstrap import open_backend
from tests.rig.processes import Process
from tests.rig.site import Site, running_site

PICTURE = Picture(320, 180, frames_per_second=15, kbps=200)
WRITERS = 20
"""Writers of each channel."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, and return 1 if anything was lost, doubled or damaged."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="how long faults happen (%(default)s)")
    parser.add_argument("--seed", type=int, default=random.randrange(1000), help="of the random faults")  # noqa: S311 - no secret
    parser.add_argument("--streams", type=int, default=5, help="number of streams (%(default)s)")
    parser.add_argument("--recorded", type=int, default=2, help="how many of them are recorded (%(default)s)")
    parser.add_argument("--viewers", type=int, default=300, help="readers of the chat (%(default)s)")
    parser.add_argument("--realtime", type=int, default=50, help="viewers in real time (%(default)s)")
    parser.add_argument("--hls", type=int, default=25, help="viewers of low-latency HLS (%(default)s)")
    parser.add_argument("--lines", type=float, default=50.0, help="chat messages a second (%(default)s)")
    parser.add_argument("--faults", default="", help="only faults whose names contain one of these words")
    parser.add_argument("--count", type=int, help="end after so many faults")
    wanted = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print(f"Seed {wanted.seed}. Starting the site ...", file=sys.stderr, flush=True)
    try:
        with running_servers() as servers:
            outcome = uvloop.run(_run(wanted, servers))
            print_report(outcome, _left_out(servers))
    except KeyboardInterrupt:
        return 130
    return int(any(outcome.differences.values()))


async def _run(wanted: argparse.Namespace, servers: Servers) -> Outcome:
    async with open_backend(servers.settings) as backend:
        channels = await population.add_channels(backend, wanted.streams, wanted.recorded, WRITERS)
        with ExitStack() as stack:
            site = stack.enter_context(running_site(servers.folder, servers.ports, servers.environment))
            publishers = [_publisher(channel, servers) for channel in channels]
            for publisher in publishers:
                stack.callback(publisher.stop)
            options = Options(wanted.minutes, wanted.viewers, wanted.realtime, wanted.hls, wanted.lines)
            run = Run(options, site, servers, backend, channels, publishers)
            return await run.measure(_chosen(wanted, site, servers))


def _publisher(channel: Channel, servers: Servers) -> Process:
    log = servers.folder / f"encoder-{channel.channel_id}.log"
    return encoder.start(channel.publishing.rtmp_url, PICTURE, log, comes_back=True)


def _chosen(wanted: argparse.Namespace, site: Site, servers: Servers) -> Iterator[Fault]:
    words = [word for word in wanted.faults.split(",") if word]
    faults = [f for f in faults_of(site, servers) if not words or any(word in f.name for word in words)]
    assert faults, f"no fault is called {wanted.faults}"
    return islice(in_turn_and_at_random(faults, wanted.seed), wanted.count)


def _left_out(servers: Servers) -> list[str]:
    found: list[str] = []
    if not servers.disks:
        found.append("full disks, because only root can mount small ones")
    if not servers.clock:
        found.append("steps of the clock, because libfaketime is not installed")
    if not isinstance(servers.mongo, RealMongo):
        found.append("killing MongoDB, because the stand-in keeps its data in memory")
    return found


if __name__ == "__main__":
    sys.exit(main())
