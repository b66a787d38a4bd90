"""A whole site with channels that are ready to be published to."""

import asyncio
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager

import httpx

from benchmarks.channels import Publishing, add_channels
from benchmarks.site_environment import temporary_site
from streaming_app.backend.streams.model import Latency
from tests.rig.certificates import self_signed
from tests.rig.conditions import until_async
from tests.rig.ports import HOST
from tests.rig.site import Site, running_site

DELIVERIES = {Latency.REALTIME: "Real time", Latency.LOW: "Low latency", Latency.NORMAL: "Plain HLS"}
"""How the player's statistics call the delivery that each setting asks for."""
SEGMENTS_AT_LEAST = 4
"""Number of segments after which a stream counts as live for a while."""
ANSWER_SECONDS = 20.0
"""Request timeout. Longer than the packager holds a request for the first segment of a rendition."""


@contextmanager
def site_with_channels(
    latencies: dict[str, Latency], ports: Mapping[str, int], changes: Mapping[str, str], *, is_https: bool = False
) -> Generator[tuple[Site, dict[str, Publishing]]]:
    """Run the site while the block runs, with a channel for each name, which has this latency setting."""
    with temporary_site(ports, changes) as own:
        channels = asyncio.run(add_channels(own.settings, latencies))
        print("Starting the site ...", file=sys.stderr, flush=True)
        environment, health_url = own.environment, None
        if is_https:
            certificate, key = self_signed(own.folder)
            environment |= {"TLS_CERTIFICATE": str(certificate), "TLS_KEY": str(key)}
            environment |= {"PUBLIC_URL": f"https://localhost:{ports['HTTPS_PORT']}"}
            health_url = f"http://{HOST}:{ports['WEB_PORT']}"
        with running_site(own.folder, ports, environment, health_url) as site:
            yield site, channels


def base_url(site: Site) -> str:
    """Return the URL at which browsers open the site, without a trailing slash."""
    return site.environment.get("PUBLIC_URL", site.url)


def client_of(site: Site) -> httpx.AsyncClient:
    """Return a client for the paths of the site. It accepts the site's self-signed certificate."""
    url = base_url(site)
    return httpx.AsyncClient(timeout=ANSWER_SECONDS, base_url=url, trust_env=False, verify=False)  # noqa: S501 - our own


async def until_live(site: Site, channel: Publishing, rendition: str) -> None:
    """Wait until both kinds of HLS and the rendition have ``SEGMENTS_AT_LEAST`` segments."""
    playlists = (
        channel.plain,
        f"{channel.low_latency}/source/index.m3u8",
        f"{channel.low_latency}/{rendition}/index.m3u8",
    )
    async with client_of(site) as client:

        async def is_live() -> bool:
            answers = [await client.get(playlist) for playlist in playlists]
            return all(answer.text.count("#EXTINF") >= SEGMENTS_AT_LEAST for answer in answers)

        await until_async(is_live, f"{channel.slug} was live", deadline_seconds=120)
