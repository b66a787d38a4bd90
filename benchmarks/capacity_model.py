"""What a number of viewers needs, from measured costs: pure functions for ``benchmarks.capacity``."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

from benchmarks.results import Row

SCALES = (100, 1_000, 10_000, 100_000, 1_000_000)
"""Numbers of concurrent viewers of the whole site."""
MEASURED_MBIT_S = 1.0
"""Bit rate of the stream with which the costs of viewers are measured, in Mbit/s."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Measured costs on one machine. ``cores`` are CPU cores of that machine."""

    stream_packager_cores: float
    stream_nginx_cores: float
    realtime_packager_cores: float
    """For each viewer in real time, at ``MEASURED_MBIT_S``."""
    realtime_nginx_cores: float
    realtime_kb: float
    """Memory of packager and nginx for each viewer in real time."""
    low_nginx_cores: float
    """For each viewer in low latency, at ``MEASURED_MBIT_S``."""
    gbit_s_per_core: float
    """Rate at which one core of nginx sends segments from files."""
    page_kb: float
    """Memory of the web process for each open page of a visitor who is not signed in."""
    page_opening_ms: float
    """CPU time of the web process for each opened page."""
    chat_delivery_us: float
    """CPU time of the feed for each message that one viewer receives."""
    chat_kb: float
    """Memory of the feed for each viewer."""


@dataclass(frozen=True, slots=True)
class Site:
    """The site whose needs are computed."""

    mbit_s: float = 3.0
    """Average bit rate that a viewer receives."""
    realtime_share: float = 0.5
    """Share of viewers in real time. The others are in low latency."""
    viewers_per_stream: float = 100.0
    visits_per_hour: float = 6.0
    """Pages that each viewer opens in an hour."""
    messages_per_second: float = 1.0
    """Chat messages a second that a viewer sees."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What is filled: one line or process, with a reserve of half of its CPU."""

    process_cores: float = 0.5
    """CPU that a process with one thread may use. The front's nginx has one worker process, too."""
    web_process_gb: float = 1.0
    network_gbit_s: float = 8.0
    """Of a line with 10 Gbit/s."""


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that is full at some number of viewers."""

    name: str
    used_by: Callable[[int], float]
    """Units that a number of viewers needs."""
    moved_by: str
    """What moves this limit."""

    @property
    def full_at(self) -> int:
        """Return the number of viewers that fills one unit."""
        return round(1_000_000 / max(self.used_by(1_000_000), 1e-6))


def resources(costs: Costs, site: Site, unit: Unit) -> list[Resource]:
    """Return all resources, the one that is full first at the beginning."""
    more_gbit = max(0.0, site.mbit_s - MEASURED_MBIT_S) / 1000
    sending_cores = more_gbit / costs.gbit_s_per_core
    realtime, low = site.realtime_share, 1 - site.realtime_share
    nginx_cores = realtime * costs.realtime_nginx_cores + low * costs.low_nginx_cores + sending_cores
    found = [
        Resource(
            "network, 10 Gbit/s",
            lambda viewers: viewers * site.mbit_s / 1000 / unit.network_gbit_s,
            "a CDN for HLS, more front machines",
        ),
        Resource(
            "front nginx, its one worker",
            lambda viewers: viewers * nginx_cores / unit.process_cores,
            "a CDN, more front machines",
        ),
        Resource(
            "packager, real time",
            lambda viewers: viewers * realtime * (costs.realtime_packager_cores + sending_cores) / unit.process_cores,
            "REALTIME_MAX_VIEWERS, more ingest machines",
        ),
        Resource(
            "packager, streams",
            lambda viewers: viewers / site.viewers_per_stream * costs.stream_packager_cores / unit.process_cores,
            "more ingest machines",
        ),
        Resource(
            "web process, memory of pages",
            lambda viewers: viewers * costs.page_kb / 1e6 / unit.web_process_gb,
            "TABS_MAX, WEB_PROCESSES",
        ),
        Resource(
            "web process, opened pages",
            lambda viewers: viewers * site.visits_per_hour / 3600 * costs.page_opening_ms / 1000 / unit.process_cores,
            "WEB_PROCESSES",
        ),
        Resource(
            "feed, chat",
            lambda viewers: viewers * site.messages_per_second * costs.chat_delivery_us / 1e6 / unit.process_cores,
            "more feed processes",
        ),
    ]
    return sorted(found, key=lambda resource: resource.full_at)


def table(needed: Sequence[Resource]) -> list[Row]:
    """Return a row for each resource: at which number of viewers a unit is full, and the units for each scale."""
    return [
        {
            "resource": resource.name,
            "full at": f"{_rounded(resource.full_at):,}",
            **{f"{scale:,}": ceil(resource.used_by(scale)) for scale in SCALES},
            "moved by": resource.moved_by,
        }
        for resource in needed
    ]


def _rounded(number: int) -> int:
    """Round to two digits, because the costs are no more precise than that."""
    return int(float(f"{number:.1e}"))
