"""A whole site with channels that are ready to be published to."""

import asyncio
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager

import httpx

from benchmarks.channels import Publishing, add_channels
from benchmarks.site_environment import temporary_site
from streaming_app.backend.streams.model import Latency
from tests.rig.conditions import until_async
from tests.rig.site import Site, running_site

DELIVERIES = {Latency.REALTIME: "Real time", Latency.LOW: "Low latency", Latency.NORMAL: "Plain HLS"}
"""How the player's statistics call the delivery that each setting asks for."""
SEGMENTS_AT_LEAST = 4
"""Number of segments after which a stream counts as live for a while."""
ANSWER_SECONDS = 20.0
"""Request timeout. Longer than the packager holds a request for the first segment of a rendition."""


@contextmanager
def site_with_channels(
    latencies: dict[str, Latency], ports: Mapping[str, int], changes: Mapping[str, str]
) -> Generator[tuple[Site, dict[str, Publishing]]]:
    """Run the site while the block runs, with a channel for each name, which has this latency setting."""
    with temporary_site(ports, changes) as own:
        channels = asyncio.run(add_channels(own.settings, latencies))
        print("Starting the site ...", file=sys.stderr, flush=True)
        with running_site(own.folder, ports, own.environment) as site:
            yield site, channels


async def until_live(site: Site, channel: Publishing, rendition: str) -> None:
    """Wait until both kinds of HLS and the rendition have ``SEGMENTS_AT_LEAST`` segments."""
    playlists = (
        channel.plain,
        f"{channel.low_latency}/source/index.m3u8",
        f"{channel.low_latency}/{rendition}/index.m3u8",
    )
    async with httpx.AsyncClient(timeout=ANSWER_SECONDS, base_url=site.url, trust_env=False) as client:

        async def is_live() -> bool:
            answers = [await client.get(playlist) for playlist in playlists]
            return all(answer.text.count("#EXTINF") >= SEGMENTS_AT_LEAST for answer in answers)

        await until_async(is_live, f"{channel.slug} was live", deadline_seconds=120)
