"""Limits how many lines strangers can put into the log."""

import asyncio
import logging
from collections import Counter

LINES_PER_ADDRESS = 20
"""In a window."""
LINES = 100
"""In a window, from all addresses together."""
WINDOW_SECONDS = 60.0


class LogLimit:
    """Counts the lines of one kind by address; those beyond the limits become one line at the end of the window."""

    def __init__(self, log: logging.Logger, kind: str, window_seconds: float = WINDOW_SECONDS) -> None:
        self._log = log
        self._kind = kind
        self._window_seconds = window_seconds
        self._asked: Counter[str] = Counter()
        self._written = 0

    def allows(self, address: str) -> bool:
        """Count a line caused by ``address``; whether it should be written."""
        if not self._asked:
            asyncio.get_running_loop().call_later(self._window_seconds, self._end_window)
        self._asked[address] += 1
        if self._asked[address] > LINES_PER_ADDRESS or self._written >= LINES:
            return False
        self._written += 1
        return True

    def warning(self, address: str, message: str) -> None:
        """Write ``message``, if it is allowed."""
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
