"""What one viewer, one address and the whole feed may cost."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

FRAME_FROM_CLIENT_MAX_BYTES: Final = 1024
"""Clients have nothing to say: this leaves room for a polite answer to those who try."""
UNSENT_HIGH_BYTES: Final = 64 * 1024
"""A viewer for whom more than this waits in the process is behind ..."""
UNSENT_LOW_BYTES: Final = 16 * 1024
"""... until only this is left."""
SOCKET_BUFFER_BYTES: Final = 64 * 1024
"""What the kernel holds for a viewer before that; its own choice would be megabytes, of old news."""
CLOSE_SECONDS: Final = 5.0
"""How long a viewer has to take what is left and to answer the close frame."""
HANDSHAKE_SECONDS: Final = 5.0
BACKLOG: Final = 4096
"""Connections that wait to be accepted: everyone, after a restart."""


@dataclass(frozen=True, slots=True)
class Intervals:
    """How often things happen, in seconds."""

    tick: float = 1.0
    """Viewers are counted and told, the catalog is told: at most this often."""
    recount: float = 10.0
    """Each process repeats its counts this often, well within ``audience.COUNT_TTL_SECONDS``."""
    refresh: float = 3.0
    """What is live is read from the store, even if no event came."""
    ping: float = 15.0
    """A viewer who was silent for so long is asked for a sign of life ..."""
    pong_timeout: float = 10.0
    """... and has so long to give it: whose machine has vanished is gone within 30 seconds, the tick included."""
    slow_consumer_timeout: float = 20.0
    """Who is behind for so long without a pause loses the seat."""


class ConnectionLimits:
    """Who is connected, by address and by account."""

    def __init__(self, maximum: int, per_address: int, per_account: int) -> None:
        self._maximum = maximum
        self._per_address = per_address
        self._per_account = per_account
        self._by_address: Counter[str] = Counter()
        self._by_account: Counter[str] = Counter()
        self._total = 0

    @property
    def is_full(self) -> bool:
        """Whether the feed has all the connections it may have."""
        return self._total >= self._maximum

    def add(self, address: str) -> bool:
        """Count one more connection; ``False`` when this address has too many."""
        self._total += 1
        self._by_address[address] += 1
        return self._by_address[address] <= self._per_address

    def add_account(self, account: str) -> bool:
        """Count a connection for its account too; ``False`` when this account has too many."""
        self._by_account[account] += 1
        return self._by_account[account] <= self._per_account

    def remove(self, address: str, account: str) -> None:
        """Count one less; ``account`` is empty unless it was counted."""
        self._total -= 1
        _count_down(self._by_address, address)
        if account:
            _count_down(self._by_account, account)


def _count_down(counts: Counter[str], who: str) -> None:
    counts[who] -= 1
    if not counts[who]:
        del counts[who]
