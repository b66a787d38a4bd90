"""Limits of the feed: buffer sizes, time limits and numbers of connections."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

FRAME_FROM_CLIENT_MAX_BYTES: Final = 1024
"""Maximum size of a client's frame. Clients send nothing; those that try get an error."""
UNSENT_HIGH_BYTES: Final = 64 * 1024
"""A viewer is slow if more bytes than this wait in the transport."""
UNSENT_LOW_BYTES: Final = 16 * 1024
"""A slow viewer has caught up when no more bytes than this are left."""
SOCKET_BUFFER_BYTES: Final = 64 * 1024
"""Size of the kernel's send buffer. The default would be megabytes of outdated frames."""
CLOSE_SECONDS: Final = 5.0
"""How long a viewer may take to receive the remaining bytes and answer the close frame."""
HANDSHAKE_SECONDS: Final = 5.0
BACKLOG: Final = 4096
"""Length of the accept queue: after a restart, all viewers connect at once."""


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


class ConnectionLimits:
    """Counts connections in total, by address and by account."""

    def __init__(self, maximum: int, per_address: int, per_account: int) -> None:
        self._maximum = maximum
        self._per_address = per_address
        self._per_account = per_account
        self._by_address: Counter[str] = Counter()
        self._by_account: Counter[str] = Counter()
        self._total = 0

    @property
    def is_full(self) -> bool:
        """Whether the maximum number of connections is reached."""
        return self._total >= self._maximum

    def add(self, address: str) -> bool:
        """Add a connection; ``False`` if its address has too many."""
        self._total += 1
        self._by_address[address] += 1
        return self._by_address[address] <= self._per_address

    def add_account(self, account: str) -> bool:
        """Count a connection for its account too; ``False`` if the account has too many."""
        self._by_account[account] += 1
        return self._by_account[account] <= self._per_account

    def remove(self, address: str, account: str) -> None:
        """Remove a connection; ``account`` is empty unless ``add_account`` was called for it."""
        self._total -= 1
        _count_down(self._by_address, address)
        if account:
            _count_down(self._by_account, account)


def _count_down(counts: Counter[str], who: str) -> None:
    counts[who] -= 1
    if not counts[who]:
        del counts[who]
