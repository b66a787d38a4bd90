"""Intervals and time limits of the feed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Intervals:
    """Intervals and time limits of the feed, in seconds."""

    tick: float = 1.0
    """Interval of updates of viewer counts, and the minimum interval of the catalog's updates."""
    recount: float = 10.0
    """Each process repeats its counts this often, well within ``audience.COUNT_TTL_SECONDS``."""
    refresh: float = 3.0
    """Interval of reading the live streams from the store if no event arrives."""
    ping: float = 15.0
    """A connection without traffic for this time gets a ping."""
    pong_timeout: float = 10.0
    """Time limit of the answer to a ping. A viewer whose machine is off is gone after 30 seconds, the tick included."""
    slow_consumer_timeout: float = 20.0
    """A viewer who is slow for this time without interruption is disconnected."""
    drain: float = 3.0
    """Viewers of a process that stops are disconnected one after another over this time, if there may be others."""
