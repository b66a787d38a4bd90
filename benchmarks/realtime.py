"""Measure viewers who get one stream in real time, through nginx. A part of benchmarks.origin."""

import time
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any, NamedTuple

from benchmarks.channels import Publishing
from benchmarks.one_stream import cores, one_stream, watch
from benchmarks.realtime_viewers import TAIL_BYTES
from benchmarks.results import load, percentile
from benchmarks.site_without_pages import SiteWithoutPages
from streaming_app.backend.adapters.nginx_client import APPLICATION
from streaming_app.backend.background_tasks import in_background
from streaming_app.backend.media.rtmp.player import play
from streaming_app.backend.media.tracks import VideoFrame
from tests.rig.ports import HOST

COMING_A_SECOND = 100
TOLERANCE_SECONDS = 0.1
"""How much later than a viewer the benchmark itself may receive a frame, on a busy machine."""


class Arrival(NamedTuple):
    """When nginx sent a video frame."""

    tail: str
    """The last bytes of the frame, in hexadecimal."""
    at: float


async def realtime(viewers: int, seconds: float) -> dict[str, object]:
    """Measure one stream with this number of real-time viewers."""
    async with one_stream({"REALTIME_MAX_VIEWERS": "10000"}) as (site, channel), _arrivals(site, channel) as arrivals:
        path = f"/rt/{channel.channel_id}/source"
        watched = await watch(site, "realtime_viewers", {"path": path}, viewers, COMING_A_SECOND, seconds)
    found = watched.found
    errors = sum((Counter[str](one["errors"]) for one in found), Counter[str]())
    delays = sorted(late_ms(found, arrivals).elements()) or [-1]
    packager, nginx = (cores(b, a, seconds) for b, a in zip(watched.before, watched.after, strict=True))
    packager_kb, nginx_kb = (
        round((a.resident_bytes - e.resident_bytes) / 1000 / viewers, 1)
        for e, a in zip(watched.empty, watched.after, strict=True)
    )
    return {
        "mode": f"realtime-{viewers}",
        "median_ms": percentile(delays, 0.5),
        "p95_ms": percentile(delays, 0.95),
        "max_ms": delays[-1],
        "errors": errors.total(),
        "missed": sum(one["missed"] for one in found),
        "packager_cores": packager,
        "nginx_cores": nginx,
        "client_cores": round(sum(one["cpu_seconds"] for one in found) / seconds, 2),
        "packager_kb_per_viewer": packager_kb,
        "nginx_kb_per_viewer": nginx_kb,
        "messages_s": round(sum(one["messages"] for one in found) / seconds),
        "mbit_s_per_viewer": round(sum(one["bytes"] for one in found) * 8 / 1e6 / seconds / viewers, 2),
        "seconds": seconds,
        "load": load(),
        "what_failed": dict(errors),
    }


@asynccontextmanager
async def _arrivals(site: SiteWithoutPages, channel: Publishing) -> AsyncGenerator[list[Arrival]]:
    """Record when each video frame arrives from nginx: the packager receives the same frames at the same time."""
    seen: list[Arrival] = []

    async def record() -> None:
        port = site.backend.settings.ingest_port
        async with aclosing(play(HOST, port, APPLICATION, channel.channel_id, lambda: None)) as arriving:
            async for media in arriving:
                if isinstance(media, VideoFrame):
                    tail = media.data[-TAIL_BYTES:].hex()
                    seen.append(Arrival(tail, time.time()))

    async with in_background(record()):
        yield seen


def late_ms(found: Sequence[Mapping[str, Any]], arrivals: Sequence[Arrival]) -> Counter[int]:
    """Return the number of received video frames by their delay in milliseconds.

    The publisher repeats a file, so frames may be equal. A frame is the newest one with the same end that had arrived.
    """
    arrived_at: dict[str, list[float]] = defaultdict(list)
    for arrival in arrivals:
        arrived_at[arrival.tail].append(arrival.at)
    counted = Counter[int]()
    for one in found:
        for tail, first_at, later_ms in one["frames"]:
            times = arrived_at[tail]
            if arrived := bisect_right(times, first_at + TOLERANCE_SECONDS):
                first_ms = (first_at - times[arrived - 1]) * 1000
                counted.update({round(first_ms + int(ms)): count for ms, count in later_ms.items()})
    return counted
