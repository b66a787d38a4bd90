"""Measure glass-to-glass latency: the time from making each picture until a browser shows it, through the whole site.

``python -m benchmarks.latency``, or ``make bench-latency``. docs/benchmarks.md explains the figures.
"""

import argparse
import asyncio
import signal
import statistics
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from urllib.parse import quote

import httpx

from benchmarks import encoder, player
from benchmarks.channels import Publishing, add_channels
from benchmarks.encoder import Picture
from benchmarks.results import load, percentile, print_results
from benchmarks.site_environment import temporary_site
from streaming_app.backend.streams.model import Latency
from tests.rig.chromium import running_chromium
from tests.rig.conditions import until_async
from tests.rig.site import Site, choose_ports, running_site

SECONDS = 60.0
OPENINGS = 4
"""Number of times that the page is opened in addition to the one that is watched."""
SEGMENTS_AT_LEAST = 4
"""Number of segments after which a stream counts as live for a while."""
ASKED_SECONDS = 20.0
"""Request timeout. Longer than the packager holds a request for the first segment of a rendition."""

SD_1S = Picture()
SD_2S = replace(SD_1S, keyframe_seconds=2.0)
HD_60 = Picture(1280, 720, frames_per_second=60, keyframe_seconds=2.0, kbps=2500, b_frames=2)


@dataclass(frozen=True, slots=True)
class Mode:
    """One measurement: the published video, the latency setting, and the rendition that is watched."""

    name: str
    latency: Latency
    picture: Picture
    height: int | None = None
    """Height of the watched rendition; ``None`` for the source, on a site without transcoding."""


MODES = (
    Mode("rt-gop1", Latency.REALTIME, SD_1S),
    Mode("rt-gop2", Latency.REALTIME, SD_2S),
    Mode("low-gop1", Latency.LOW, SD_1S),
    Mode("low-gop2", Latency.LOW, SD_2S),
    Mode("low-720p60-bframes", Latency.LOW, HD_60),
    Mode("normal-gop1", Latency.NORMAL, SD_1S),
    Mode("normal-gop2", Latency.NORMAL, SD_2S),
    Mode("rt-240p", Latency.REALTIME, SD_1S, height=240),
    Mode("low-240p", Latency.LOW, SD_2S, height=240),
)


@dataclass(frozen=True, slots=True)
class Options:
    """The options of the command line."""

    seconds: float
    openings: int
    page: str
    """``watch`` for the site's page, or ``bare`` for hls.js alone."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the chosen modes, and print the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="to watch each mode (%(default)g)")
    parser.add_argument(
        "--openings", type=int, default=OPENINGS, help="of the page, more than the one that is watched (%(default)s)"
    )
    parser.add_argument("--page", choices=("watch", "bare"), default="watch", help="the site's page, or hls.js alone")
    names = ", ".join(mode.name for mode in MODES)
    parser.add_argument("--modes", default="", help=f"some of {names}; the beginning of a name is enough")
    wanted = parser.parse_args(arguments)
    modes = chosen(wanted.modes)
    if not modes:
        parser.error(f"there are: {names}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        measure_all(modes, Options(wanted.seconds, wanted.openings, wanted.page))
    except KeyboardInterrupt:
        return 130
    return 0


def chosen(wanted: str) -> list[Mode]:
    """Return the modes whose names start with one of the comma-separated words; all modes if there are no words."""
    words = tuple(word.strip() for word in wanted.split(",") if word.strip())
    return [mode for mode in MODES if not words or mode.name.startswith(words)]


def measure_all(modes: Sequence[Mode], options: Options) -> None:
    """Measure the modes that watch the source on one site, and the others on a site that transcodes."""
    ports = choose_ports()
    rows: list[Mapping[str, object]] = []
    try:
        for is_transcoded, group in groupby(modes, lambda mode: mode.height is not None):
            some = list(group)
            with _site(some, ports, {"TRANSCODE": "auto" if is_transcoded else "off"}) as (site, channels):
                for mode in some:
                    print(f"{mode.name} ...", file=sys.stderr, flush=True)
                    rows.append(_measure(site, channels[mode.name], mode, options))
    finally:
        print_results(rows)


@contextmanager
def _site(
    modes: Sequence[Mode], ports: Mapping[str, int], changes: Mapping[str, str]
) -> Generator[tuple[Site, dict[str, Publishing]]]:
    """Run the site, with a channel for each mode."""
    with temporary_site(ports, changes) as own:
        channels = asyncio.run(add_channels(own.settings, {mode.name: mode.latency for mode in modes}))
        print("Starting the site ...", file=sys.stderr, flush=True)
        with running_site(own.folder, ports, own.environment) as site:
            yield site, channels


def _measure(site: Site, channel: Publishing, mode: Mode, options: Options) -> dict[str, object]:
    log = site.process.log.with_name(f"{mode.name}.log")
    publisher = encoder.start(channel.rtmp_url, mode.picture, log)
    try:
        return asyncio.run(_watch(site, channel, mode, options))
    finally:
        publisher.stop()


async def _watch(site: Site, channel: Publishing, mode: Mode, options: Options) -> dict[str, object]:
    preview_ms = await _preview_ms(site, channel)
    await _until_live(site, channel, mode)
    async with running_chromium() as browser:
        url = _page(site, channel, mode, options.page)
        openings = [await player.open_once(browser, url) for _ in range(options.openings)]
        async with player.watching(browser, url) as page:
            openings.append(await player.first_picture(page))
            if mode.height is not None:
                await player.fix_level(page, mode.height)
            seen = await player.watch(page, options.seconds)
    return {
        "mode": mode.name,
        "median_ms": round(percentile(seen.delays_ms, 0.5)),
        "p95_ms": round(percentile(seen.delays_ms, 0.95)),
        "stalls": len(seen.stalls_ms),
        "first_frame_ms": round(statistics.median(opening.first_ms for opening in openings)),
        "preview_ms": preview_ms,
        "asked_ms": round(statistics.median(opening.asked_ms for opening in openings)),
        "max_ms": round(max(seen.delays_ms)),
        "stalled_ms": round(sum(seen.stalls_ms)),
        "settled_ms": round(seen.settled_ms),
        "ran_dry": seen.ran_dry,
        "unreadable": seen.unreadable,
        "frames": len(seen.delays_ms),
        "seconds": options.seconds,
        "load": load(),
    }


def _page(site: Site, channel: Publishing, mode: Mode, page: str) -> str:
    if page == "watch":
        return f"{site.url}/c/{channel.slug}"
    playlist = channel.plain if mode.latency is Latency.NORMAL else f"{channel.low_latency}/index.m3u8"
    return f"{site.url}/benchmark/bare?playlist={quote(playlist)}"


async def _preview_ms(site: Site, channel: Publishing) -> int:
    """Return the time from the start of the stream until its preview picture was served, in milliseconds."""
    async with httpx.AsyncClient(timeout=ASKED_SECONDS, base_url=site.url, trust_env=False) as client:

        async def is_served() -> bool:
            return (await client.get(f"/thumbnails/{channel.channel_id}.jpg")).is_success

        await until_async(is_served, f"{channel.slug} had a preview", deadline_seconds=60)
        served_at = datetime.now(UTC)
        live = (await client.get("/api/channels/live")).json()["channels"]
    started_at = next(datetime.fromisoformat(one["started_at"]) for one in live if one["slug"] == channel.slug)
    return round((served_at - started_at).total_seconds() * 1000)


async def _until_live(site: Site, channel: Publishing, mode: Mode) -> None:
    """Wait until both kinds of HLS and the watched rendition have ``SEGMENTS_AT_LEAST`` segments."""
    rendition = "source" if mode.height is None else f"{mode.height}p"
    playlists = (
        channel.plain,
        f"{channel.low_latency}/source/index.m3u8",
        f"{channel.low_latency}/{rendition}/index.m3u8",
    )
    async with httpx.AsyncClient(timeout=ASKED_SECONDS, base_url=site.url, trust_env=False) as client:

        async def is_live() -> bool:
            answers = [await client.get(playlist) for playlist in playlists]
            return all(answer.text.count("#EXTINF") >= SEGMENTS_AT_LEAST for answer in answers)

        await until_async(is_live, f"{mode.name} was live", deadline_seconds=120)


if __name__ == "__main__":
    sys.exit(main())
