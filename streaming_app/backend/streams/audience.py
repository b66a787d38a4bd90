"""How many viewers each channel has, over all web processes."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from streaming_app.backend.bus import Delivery
from streaming_app.backend.events import ViewersCounted

COUNT_LIFETIME = timedelta(seconds=30)
"""A process that has not repeated its count for so long is gone, and its viewers with it."""


class Audience:
    """The latest count of every web process, summed. Each process repeats its own well within ``COUNT_LIFETIME``."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._counts: dict[str, dict[str, tuple[int, datetime]]] = {}

    async def hear(self, batch: Sequence[Delivery]) -> None:
        """Take in ``ViewersCounted`` events from the bus; others pass."""
        for delivery in batch:
            if isinstance(delivery.event, ViewersCounted):
                self.count(delivery.event)

    def count(self, event: ViewersCounted) -> None:
        """Take in one process's count of one channel."""
        by_process = self._counts.setdefault(event.channel_id, {})
        if event.viewers:
            by_process[event.process_id] = (event.viewers, self._now() + COUNT_LIFETIME)
        else:
            by_process.pop(event.process_id, None)
        if not by_process:
            del self._counts[event.channel_id]

    def viewers(self, channel_id: str) -> int:
        """Viewers of this channel now."""
        now = self._now()
        return sum(viewers for viewers, until in self._counts.get(channel_id, {}).values() if until > now)
