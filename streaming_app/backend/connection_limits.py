"""Limits open connections, in total, by address and by account."""

import resource
from collections import Counter

_OTHER_FILES = 512
"""Open files of the process that are not viewers' connections."""


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
    def total(self) -> int:
        """Number of connections."""
        return self._total

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


def allow_open_files(connections: int) -> None:
    """Raise the soft limit of open files, because each connection is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + _OTHER_FILES
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, allowed), hard))
