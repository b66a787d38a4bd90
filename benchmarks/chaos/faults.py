"""The faults: each part of the site is killed, frozen and restarted, disks fill up, the store is slow, clocks step."""

import asyncio
import os
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil

from benchmarks.chaos.chaos_site import Servers
from benchmarks.chaos.clock_steps import CACHE_SECONDS, STEP_SECONDS, SiteClock
from benchmarks.chaos.real_mongo import RealMongo
from streaming_app.backend.adapters.web_processes import feeds_of, name_of, web_processes_of
from streaming_app.backend.supervisor.tcp_ports import listening_pids
from streaming_app.backend.workers.worker_list import WORKERS
from tests.rig.conditions import until
from tests.rig.kafka import Kafka
from tests.rig.processes import descendants
from tests.rig.redis import Redis
from tests.rig.site import Site

FREEZE_SECONDS = 3.0
SLOW_SECONDS = 6.0
FULL_SECONDS = 5.0
REFILL_SECONDS = 0.2
"""How often a full disk is filled again, because the site deletes files."""
VIDEO_LIMIT_SECONDS, CHAT_LIMIT_SECONDS = 5.0, 6.0
KAFKA_LIMIT_SECONDS = 10.0
DISK_LIMIT_SECONDS = 3.0
BACK_SECONDS = 60.0
INTERRUPTS_RECORDINGS = ("nginx-ingest", "packager", "recorder", "disk")
"""Parts whose faults may leave a gap in recordings."""


IsProgram = Callable[[psutil.Process], bool]


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault."""

    part: str
    kind: str
    cause: Callable[[], Awaitable[float]]
    """Causes the fault and returns the time at which it was over, or, if the part was killed, at which it began."""
    video_limit: float = VIDEO_LIMIT_SECONDS
    chat_limit: float = CHAT_LIMIT_SECONDS

    @property
    def name(self) -> str:
        """Return the name in the report."""
        return f"{self.part} {self.kind}"


def faults_of(site: Site, servers: Servers) -> list[Fault]:
    """Return all faults that are possible on this machine."""
    programs = programs_of(servers).items()
    found = [Fault(part, "killed", partial(_kill, site, program)) for part, program in programs]
    found += _of_servers(servers)
    if servers.disks:
        found.append(Fault("disk", "full", partial(_fill, servers.disks), DISK_LIMIT_SECONDS, DISK_LIMIT_SECONDS))
    if servers.clock:
        steps = (STEP_SECONDS, 0, -STEP_SECONDS, 0)
        found += [Fault("clock", f"step to {step:+d} s", partial(_step, servers.clock, step)) for step in steps]
    found += [Fault(part, "frozen", partial(_freeze, site, program)) for part, program in programs]
    return found + [Fault(part, "restarted", partial(_terminate, site, program)) for part, program in programs]


def programs_of(servers: Servers) -> dict[str, IsProgram]:
    """Return what tells the processes of each program of the site from others, by its name."""
    webs = web_processes_of(servers.settings)
    return {
        **{name_of(web): partial(_runs, f"--port {web.web_port} ") for web in webs},
        **{name_of(feed, "feed"): partial(_is_feed, feed.feed_port) for feed in feeds_of(servers.settings)},
        "nginx-front": partial(_runs, "/nginx/front/nginx.conf"),
        "nginx-ingest": partial(_runs, "/nginx/ingest/nginx.conf"),
        "packager": partial(_is_packager, servers.settings.packager_port, serves=True),
        "packager standby": partial(_is_packager, servers.settings.packager_port, serves=False),
        **{worker.name: partial(_runs, f"-m streaming_app.backend worker {worker.name}") for worker in WORKERS},
    }


def _runs(command: str, process: psutil.Process) -> bool:
    return command in " ".join(process.cmdline())


def _is_feed(port: int, process: psutil.Process) -> bool:
    return _runs("-m streaming_app.backend feed", process) and process.environ().get("FEED_PORT") == str(port)


def _is_packager(port: int, process: psutil.Process, *, serves: bool) -> bool:
    return _runs("-m streaming_app.backend.packager", process) and (process.pid in listening_pids(port)) is serves


def in_turn_and_at_random(faults: Sequence[Fault], seed: int) -> Iterator[Fault]:
    """Yield each fault once, in order, and then random ones without end."""
    yield from faults
    pick = random.Random(seed)  # noqa: S311 - the same seed gives the same faults
    while True:
        yield pick.choice(faults)


def _of_servers(servers: Servers) -> list[Fault]:
    kafka, redis, mongo = servers.kafka, servers.redis, servers.mongo
    found = [
        Fault("Kafka", "killed", partial(_kill_server, kafka), chat_limit=KAFKA_LIMIT_SECONDS),
        Fault("Kafka", "frozen", partial(_frozen, kafka.frozen), chat_limit=KAFKA_LIMIT_SECONDS),
        Fault("Kafka", "restarted", partial(_restart_server, kafka), chat_limit=KAFKA_LIMIT_SECONDS),
        Fault("Redis", "killed", partial(_kill_server, redis)),
        Fault("Redis", "frozen", partial(_frozen, redis.frozen)),
        Fault("Redis", "restarted", partial(_restart_server, redis)),
        Fault("MongoDB", "frozen", partial(_frozen, mongo.frozen)),
        Fault("MongoDB", "slow", partial(_slow_down, servers)),
    ]
    if isinstance(mongo, RealMongo):  # the data of the stand-in is lost when it ends
        found.append(Fault("MongoDB", "killed", partial(_kill_server, mongo)))
        found.append(Fault("MongoDB", "restarted", partial(_restart_server, mongo)))
    return found


async def _kill(site: Site, program: IsProgram) -> float:
    for process in await _processes(site, program):
        process.kill()
    return time.monotonic()


async def _terminate(site: Site, program: IsProgram) -> float:
    for process in await _processes(site, program):
        process.terminate()
    return time.monotonic()


async def _freeze(site: Site, program: IsProgram) -> float:
    """Freeze the processes and their children. The supervisor does not notice, because it waits longer."""
    frozen: list[psutil.Process] = []
    for process in await _processes(site, program):
        frozen += [process, *process.children(recursive=True)]
    for process in frozen:
        with suppress(psutil.NoSuchProcess):
            process.suspend()
    await asyncio.sleep(FREEZE_SECONDS)
    for process in frozen:
        with suppress(psutil.NoSuchProcess):
            process.resume()
    return time.monotonic()


async def _processes(site: Site, program: IsProgram) -> list[psutil.Process]:
    """Return the processes of a program; waits for one that is just being restarted."""
    found: list[psutil.Process] = []

    def is_running() -> bool:
        found[:] = descendants(site.process.pid, program)
        return bool(found)

    await until(is_running, "the program ran", BACK_SECONDS)
    return found


async def _frozen(frozen: Callable[[], AbstractContextManager[None]]) -> float:
    with frozen():
        await asyncio.sleep(FREEZE_SECONDS)
    return time.monotonic()


async def _kill_server(server: Kafka | Redis | RealMongo) -> float:
    server.kill()
    killed_at = time.monotonic()
    await asyncio.to_thread(server.start)
    return killed_at


async def _restart_server(server: Kafka | Redis | RealMongo) -> float:
    stopped_at = time.monotonic()
    await asyncio.to_thread(server.stop)
    await asyncio.to_thread(server.start)
    return stopped_at


async def _slow_down(servers: Servers) -> float:
    servers.slow_store.slow_down()
    await asyncio.sleep(SLOW_SECONDS)
    servers.slow_store.speed_up()
    return time.monotonic()


async def _fill(disks: Sequence[Path]) -> float:
    """Fill the disks, and free them again."""
    fillers = [disk / "filler" for disk in disks]
    for _ in range(round(FULL_SECONDS / REFILL_SECONDS)):
        for filler in fillers:
            _fill_up(filler)
        await asyncio.sleep(REFILL_SECONDS)
    for filler in fillers:
        filler.unlink()
    return time.monotonic()


def _fill_up(filler: Path) -> None:
    with filler.open("ab") as file, suppress(OSError):
        facts = os.statvfs(filler)
        if free := facts.f_bavail * facts.f_frsize:
            os.posix_fallocate(file.fileno(), file.tell(), free)
    with suppress(OSError), filler.open("ab", buffering=0) as file:
        while file.write(bytes(4096)):
            pass


async def _step(clock: SiteClock, offset_seconds: int) -> float:
    clock.set_offset(offset_seconds)
    await asyncio.sleep(CACHE_SECONDS)
    return time.monotonic() - CACHE_SECONDS
