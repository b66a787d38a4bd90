"""One published stream of a site without pages, and programs that watch it, for the parts of benchmarks.origin."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from benchmarks import clip
from benchmarks.channels import Publishing, add_channel
from benchmarks.encoder import Picture
from benchmarks.site_without_pages import SiteWithoutPages, Usage, running_site_without_pages, usage
from benchmarks.viewers import CALM_SECONDS
from streaming_app.backend.streams.model import Latency
from tests.rig.conditions import until_async
from tests.rig.ports import HOST
from tests.rig.processes import Process
from tests.rig.site import ROOT

PICTURE = Picture(keyframe_seconds=2.0)
CROWDS = 2
"""Number of processes that run the viewers."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What viewers found, and what the packager and both nginx have used."""

    found: list[dict[str, Any]]
    """The results of each process that ran viewers."""
    empty: tuple[Usage, Usage]
    """Usage before the viewers came."""
    before: tuple[Usage, Usage]
    """Usage at the beginning of the measurement."""
    after: tuple[Usage, Usage]


@asynccontextmanager
async def one_stream(changes: dict[str, str]) -> AsyncGenerator[tuple[SiteWithoutPages, Publishing]]:
    """Run a site with one live stream while the block runs."""
    async with running_site_without_pages(changes) as site, AsyncExitStack() as publishers:
        file = site.folder / "clip.flv"
        await asyncio.to_thread(clip.make, file, PICTURE)
        yield site, await publish(site, file, "streamer", publishers)


async def publish(site: SiteWithoutPages, file: Path, name: str, publishers: AsyncExitStack) -> Publishing:
    """Publish one more stream, and wait until it has been live for a while."""
    channel = await add_channel(site.backend, name, Latency.LOW)
    publishers.callback(clip.publish(file, channel.rtmp_url, site.folder / f"{name}.log").stop)
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{site.port}", trust_env=False) as client:

        async def is_live() -> bool:
            playlist = await client.get(f"{channel.low_latency}/source/index.m3u8")
            return playlist.text.count("#EXTINF") > 1

        await until_async(is_live, f"{name} was live")
    return channel


async def watch(
    site: SiteWithoutPages,
    module: str,
    options: Mapping[str, object],
    viewers: int,
    coming_a_second: float,
    seconds: float,
) -> Watched:
    """Run ``viewers`` by the program ``module``, and measure for ``seconds`` after all of them have come."""
    begin_at = time.time() + viewers / coming_a_second + CALM_SECONDS + 2
    end_at = begin_at + seconds
    empty = usages(site)
    crowds = [
        program(
            site,
            module,
            {
                "port": site.port,
                **options,
                "viewers": viewers // CROWDS + (index < viewers % CROWDS),
                "begin-at": begin_at,
                "end-at": end_at,
            },
        )
        for index in range(CROWDS)
    ]
    await asyncio.sleep(begin_at - time.time())
    before = usages(site)
    await asyncio.sleep(end_at - time.time())
    after = usages(site)
    return Watched([json.loads(await output(crowd)) for crowd in crowds], empty, before, after)


def usages(site: SiteWithoutPages) -> tuple[Usage, Usage]:
    """Return what the packager and both nginx have used."""
    ingest, front = usage(site.ingest), usage(site.front)
    nginx = Usage(ingest.cpu_seconds + front.cpu_seconds, ingest.resident_bytes + front.resident_bytes)
    return usage(site.packager), nginx


def cores(before: Usage, after: Usage, seconds: float) -> float:
    """Return the CPU cores used between two moments."""
    return round((after.cpu_seconds - before.cpu_seconds) / seconds, 2)


def program(site: SiteWithoutPages, module: str, options: Mapping[str, object]) -> Process:
    """Start one of the programs of this package, with its output in a log."""
    words = [f"--{name}={value}" for name, value in options.items()]
    log = site.folder / f"{module}-{len(list(site.folder.glob(f'{module}-*')))}.log"
    return Process(module, [sys.executable, "-m", f"benchmarks.{module}", *words], log, folder=ROOT)


async def output(program: Process) -> str:
    """Wait until the program has ended, and return its output."""
    code = await asyncio.to_thread(program.wait_until_ended, 600)
    if code != 0:
        message = f"{program.name} ended with {code}: {program.tail()}"
        raise RuntimeError(message)
    return program.output()
