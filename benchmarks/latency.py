"""Measure glass-to-glass latency: the time from making each picture until a browser shows it, through the whole site.

``python -m benchmarks.latency``, or ``make bench-latency``. docs/benchmarks.md explains the figures.
"""

import argparse
import asyncio
import signal
import statistics
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from urllib.parse import quote

from benchmarks import encoder, player
from benchmarks.busy_loop import start_busy_loop
from benchmarks.channels import Publishing
from benchmarks.encoder import Picture
from benchmarks.live_site import DELIVERIES, base_url, client_of, site_with_channels, until_live
from benchmarks.player import Opening
from benchmarks.results import Row, load, percentile, print_results
from streaming_app.backend.streams.model import Latency
from tests.rig.chromium import running_chromium
from tests.rig.conditions import until_async
from tests.rig.site import Site, choose_ports

SECONDS = 60.0
OPENINGS = 4
"""Number of times that the page is opened in addition to the one that is watched."""

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
    is_busy: bool = False
    """Whether another program keeps one core busy meanwhile."""
    has_webcodecs: bool = True
    """Whether the browser has WebCodecs. Without it, real time plays the sound from a source buffer."""


MODES = (
    Mode("rt-gop1", Latency.REALTIME, SD_1S),
    Mode("rt-gop2", Latency.REALTIME, SD_2S),
    Mode("rt-720p60-bframes", Latency.REALTIME, HD_60),
    Mode("rt-busy", Latency.REALTIME, SD_1S, is_busy=True),
    Mode("rt-mse", Latency.REALTIME, SD_1S, has_webcodecs=False),
    Mode("low-gop1", Latency.LOW, SD_1S),
    Mode("low-gop2", Latency.LOW, SD_2S),
    Mode("low-720p60-bframes", Latency.LOW, HD_60),
    Mode("low-busy", Latency.LOW, SD_1S, is_busy=True),
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
    is_https: bool


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the chosen modes, and print the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="to watch each mode (%(default)g)")
    parser.add_argument(
        "--openings", type=int, default=OPENINGS, help="of the page, more than the one that is watched (%(default)s)"
    )
    parser.add_argument("--page", choices=("watch", "bare"), default="watch", help="the site's page, or hls.js alone")
    parser.add_argument("--https", action="store_true", help="serve the site over HTTPS, with HTTP/2")
    names = ", ".join(mode.name for mode in MODES)
    parser.add_argument("--modes", default="", help=f"some of {names}; the beginning of a name is enough")
    wanted = parser.parse_args(arguments)
    modes = chosen(wanted.modes)
    if not modes:
        parser.error(f"there are: {names}")
    if wanted.page == "bare" and any(mode.latency is Latency.REALTIME for mode in modes):
        parser.error("hls.js alone does not play real time")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        rows = measure_all(modes, Options(wanted.seconds, wanted.openings, wanted.page, wanted.https))
    except KeyboardInterrupt:
        return 130
    wrong = [
        row for mode, row in zip(modes, rows, strict=True) if row["played"] not in {DELIVERIES[mode.latency], None}
    ]
    for row in wrong:
        print(f"{row['mode']} is no measurement of this mode: the page played {row['played']}", file=sys.stderr)
    return 1 if wrong else 0


def chosen(wanted: str) -> list[Mode]:
    """Return the modes whose names start with one of the comma-separated words; all modes if there are no words."""
    words = tuple(word.strip() for word in wanted.split(",") if word.strip())
    return [mode for mode in MODES if not words or mode.name.startswith(words)]


def measure_all(modes: Sequence[Mode], options: Options) -> list[Row]:
    """Measure the modes that watch the source on one site, and the others on a site that transcodes. Returns the rows.

    Prints a table of the delays, and one of the steps until the first picture.
    """
    ports = choose_ports()
    rows: list[Row] = []
    openings: list[Row] = []
    try:
        for is_transcoded, group in groupby(modes, lambda mode: mode.height is not None):
            some = list(group)
            latencies = {mode.name: mode.latency for mode in some}
            transcoding = {"TRANSCODE": "auto" if is_transcoded else "off"}
            running = site_with_channels(latencies, ports, transcoding, is_https=options.is_https)
            with running as (site, channels):
                for mode in some:
                    print(f"{mode.name} ...", file=sys.stderr, flush=True)
                    row, opening = _measure(site, channels[mode.name], mode, options)
                    rows.append(row)
                    openings.append(opening)
    finally:
        print_results(rows)
        print_results(openings)
    return rows


def _measure(site: Site, channel: Publishing, mode: Mode, options: Options) -> tuple[Row, Row]:
    log = site.process.log.with_name(f"{mode.name}.log")
    with ExitStack() as programs:
        programs.callback(encoder.start(channel.rtmp_url, mode.picture, log).stop)
        if mode.is_busy:
            programs.callback(start_busy_loop(log.with_name(f"{mode.name}-loop.log")).stop)
        return asyncio.run(_watch(site, channel, mode, options))


async def _watch(site: Site, channel: Publishing, mode: Mode, options: Options) -> tuple[Row, Row]:
    preview_ms = await _preview_ms(site, channel)
    await until_live(site, channel, "source" if mode.height is None else f"{mode.height}p")
    async with running_chromium() as browser:
        url = _page(site, channel, mode, options.page)
        watching = partial(player.watching, browser, url, has_webcodecs=mode.has_webcodecs)
        openings: list[Opening] = []
        for _ in range(options.openings):
            async with watching() as page:
                openings.append(await player.first_picture(page))
        async with watching() as page:
            openings.append(await player.first_picture(page))
            if mode.height is not None:
                await player.fix_level(page, mode.height)
            seen = await player.watch(page, options.seconds)
    opening = {"mode": mode.name, **_median_opening(openings), "openings": len(openings), "load": load()}
    return {
        "mode": mode.name,
        "played": ", then ".join(seen.played) or None,
        "median_ms": round(percentile(seen.delays_ms, 0.5)),
        "p95_ms": round(percentile(seen.delays_ms, 0.95)),
        "stalls": len(seen.stalls_ms),
        "underruns": seen.statistics.get("underruns"),
        "first_frame_ms": opening["first_frame_ms"],
        "preview_ms": preview_ms,
        "max_ms": round(max(seen.delays_ms)),
        "stalled_ms": round(sum(seen.stalls_ms)),
        "settled_ms": round(seen.settled_ms),
        "ran_dry": seen.ran_dry,
        "unreadable": seen.unreadable,
        "frames": len(seen.delays_ms),
        "seconds": options.seconds,
        "load": load(),
    }, opening


def _median_opening(openings: Sequence[Opening]) -> dict[str, int | None]:
    """Return the median of each time, of the openings in which it happened."""
    medians: dict[str, int | None] = {}
    for name in Opening.__slots__:
        times: list[float] = [time for opening in openings if (time := getattr(opening, name)) is not None]
        medians[name] = round(statistics.median(times)) if times else None
    return medians


def _page(site: Site, channel: Publishing, mode: Mode, page: str) -> str:
    if page == "watch":
        return f"{base_url(site)}/c/{channel.slug}"
    playlist = channel.plain if mode.latency is Latency.NORMAL else f"{channel.low_latency}/index.m3u8"
    return f"{base_url(site)}/benchmark/bare?playlist={quote(playlist)}"


async def _preview_ms(site: Site, channel: Publishing) -> int:
    """Return the time from the start of the stream until its preview picture was served, in milliseconds."""
    async with client_of(site) as client:

        async def is_served() -> bool:
            return (await client.get(f"/thumbnails/{channel.channel_id}.jpg")).is_success

        await until_async(is_served, f"{channel.slug} had a preview", deadline_seconds=60)
        served_at = datetime.now(UTC)
        live = (await client.get("/api/channels/live")).json()["channels"]
    started_at = next(datetime.fromisoformat(one["started_at"]) for one in live if one["slug"] == channel.slug)
    return round((served_at - started_at).total_seconds() * 1000)


if __name__ == "__main__":
    sys.exit(main())
