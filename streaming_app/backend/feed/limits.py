"""Limits of the feed: buffer sizes and time limits."""

from dataclasses import dataclass
from typing import Final

UNSENT_HIGH_BYTES: Final = 64 * 1024
"""A viewer is slow if more bytes than this wait in the transport."""
UNSENT_LOW_BYTES: Final = 16 * 1024
"""A slow viewer has caught up when no more bytes than this are left."""
CLOSE_SECONDS: Final = 5.0
"""How long a viewer may take to receive the remaining bytes and answer the close frame."""


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
