"""Limits the number of log lines that clients can cause."""

import asyncio
import logging
from collections import Counter

LINES_PER_ADDRESS = 20
"""Maximum number of lines from one address in a window."""
LINES = 100
"""Maximum number of lines from all addresses in a window."""
WINDOW_SECONDS = 60.0


class LogLimit:
    """Counts lines of one kind by address. Lines beyond the limits are summarized in one line after the window."""

    def __init__(self, log: logging.Logger, kind: str, window_seconds: float = WINDOW_SECONDS) -> None:
        self._log = log
        self._kind = kind
        self._window_seconds = window_seconds
        self._asked: Counter[str] = Counter()
        self._written = 0

    def allows(self, address: str) -> bool:
        """Count a line caused by ``address``, and return whether to write it."""
        if not self._asked:
            asyncio.get_running_loop().call_later(self._window_seconds, self._end_window)
        self._asked[address] += 1
        if self._asked[address] > LINES_PER_ADDRESS or self._written >= LINES:
            return False
        self._written += 1
        return True

    def warning(self, address: str, message: str) -> None:
        """Write ``message`` as a warning, if the limits allow it."""
        if self.allows(address):
            self._log.warning("%s", message)

    def _end_window(self) -> None:
        left_out = self._asked.total() - self._written
        if left_out:
            [(address, most)] = self._asked.most_common(1)
            self._log.warning(
                "%s: %d more in the last %g s, most of them from %s (%d)",
                self._kind,
                left_out,
                self._window_seconds,
                address,
                most,
            )
        self._asked.clear()
        self._written = 0
