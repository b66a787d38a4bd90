"""Deletes chat that is older than ``CHAT_RETENTION``, and records that have expired, such as sessions.

In MongoDB, TTL indexes delete expired records too, so there is usually nothing left to delete.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

from streaming_app.backend.clock_changes import ClockWatch

log = logging.getLogger(__name__)

CHUNK = 1_000
"""Records of each kind that are deleted in one write, so that other writes are not blocked for long."""
PAUSE_SECONDS = 0.05
"""Pause between two such writes."""
CLOCK_STEADY = timedelta(hours=1)
"""How long the wall clock must not have been set before anything is deleted: a wrong clock must delete no chat."""


class OldRecords(Protocol):
    """Records of all kinds that are deleted after some time. The deletions are idempotent."""

    async def remove_expired(self, now: datetime, limit: int) -> int:
        """Delete up to ``limit`` expired records of each kind, and return how many were deleted.

        These are sessions, tickets, links in mails, invitations, attempts to sign in with a provider, entries of the
        audit log, and the turns of slow mode.
        """
        ...

    async def remove_chat(self, before: datetime, limit: int) -> int:
        """Delete up to ``limit`` records of each kind of chat from before a time, and return how many were deleted.

        These are messages (deleted ones included), entries of the moderation logs, and held messages.
        """
        ...


class Retention:
    """Deletes old records. ``clock`` is monotonic, in seconds."""

    def __init__(
        self,
        records: OldRecords,
        chat_retention: timedelta | None,
        now: Callable[[], datetime],
        clock: Callable[[], float],
    ) -> None:
        """``chat_retention`` is how long chat is kept; ``None`` is for ever."""
        self._records = records
        self._chat_retention = chat_retention
        self._now = now
        self._clock_watch = ClockWatch(now, clock)

    async def run_once(self) -> None:
        """Delete everything that is old now. The next run continues after a death at any point."""
        if not self._clock_watch.is_steady_for(CLOCK_STEADY):
            return
        now, chat_retention = self._now(), self._chat_retention
        await _repeat(lambda: self._records.remove_expired(now, CHUNK))
        if chat_retention:
            removed = await _repeat(lambda: self._records.remove_chat(now - chat_retention, CHUNK))
            if removed:
                log.info("Deleted %d chat records from before %s (CHAT_RETENTION)", removed, now - chat_retention)


async def _repeat(remove: Callable[[], Awaitable[int]]) -> int:
    """Call ``remove`` until nothing is left, and return how many records were deleted."""
    total = 0
    while removed := await remove():
        total += removed
        await asyncio.sleep(PAUSE_SECONDS)
    return total
