"""Limits of connections and files for the two nginx instances."""

import logging
import resource
from dataclasses import dataclass
from typing import Literal

from streaming_app.backend.adapters.web_processes import feed_count
from streaming_app.backend.config import Settings

log = logging.getLogger(__name__)

Instance = Literal["ingest", "front"]
INSTANCES: tuple[Instance, ...] = ("ingest", "front")

OPEN_FILES_MAX = 1 << 20
"""Limit of open files if the system sets none."""
INGEST_CONNECTIONS_MAX = 6_144
"""Enough for 800 publishers. Each takes seven: three for itself, the others for relay, packager and callbacks."""
WEBSOCKETS_PER_PAGE = 2
CONNECTIONS_PER_PAGE = 6
"""A page has two websockets and one request. Each takes a connection to the browser and one to a backend process."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of both instances, within the system's limit of open files for a process."""

    open_files: int
    connections: dict[Instance, int]
    websockets: int
    """Maximum websockets of pages at the front door. A page has two, and each takes two connections."""
    realtime: int
    """Maximum websockets of real-time viewers, which have a limit of their own: pages keep theirs."""
    requests: int
    """Maximum concurrent requests at the front door, without websockets. Each takes up to two connections."""

    @property
    def pages(self) -> int:
        """Maximum number of open pages."""
        return self.websockets // WEBSOCKETS_PER_PAGE


def limits_of(settings: Settings) -> Limits:
    """Return the limits that fit the settings and this machine."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    open_files = OPEN_FILES_MAX if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES_MAX)
    front = min(_wanted_connections(settings), open_files * 3 // 4)  # the rest is for the files that nginx sends
    # The rest is for error responses to clients above the limit. When less than a sixteenth is free, nginx closes idle
    # connections.
    realtime = max(1, min(_wanted_realtime(settings), front * 7 // 64))
    shared = front * 7 // 8 - 2 * realtime
    return Limits(
        open_files=open_files,
        connections={"ingest": min(INGEST_CONNECTIONS_MAX, open_files // 2), "front": front},
        websockets=max(WEBSOCKETS_PER_PAGE + 1, shared // 3),
        realtime=realtime,
        requests=max(1, shared // 6),
    )


def _wanted_connections(settings: Settings) -> int:
    pages = (wanted_viewers(settings) + 1) * CONNECTIONS_PER_PAGE
    return (pages + 2 * _wanted_realtime(settings)) * 8 // 7


def wanted_viewers(settings: Settings) -> int:
    """Return the maximum number of viewers that the settings allow, at all feeds together."""
    return settings.feed_max_connections * feed_count(settings)


def _wanted_realtime(settings: Settings) -> int:
    return min(settings.realtime_max_viewers, wanted_viewers(settings) + 1)


def shortage_of_open_files(settings: Settings) -> str | None:
    """Describe the shortage if the limit of open files leaves no room for as many viewers as the settings allow."""
    limits = limits_of(settings)
    if limits.connections["front"] >= _wanted_connections(settings):
        return None
    return (
        f"A process may have {limits.open_files} open files (ulimit -Hn): there is room for about {limits.pages}"
        f" viewers, not for {wanted_viewers(settings)}"
    )


def warn_of_little_room(settings: Settings) -> None:
    """Log a warning if the limit of open files leaves no room for as many viewers as the settings allow."""
    if shortage := shortage_of_open_files(settings):
        log.warning("%s", shortage)
