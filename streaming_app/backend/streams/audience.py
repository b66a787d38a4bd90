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
        now = self._now()
        others = self._counts.pop(event.channel_id, {})
        by_process = {p: (n, until) for p, (n, until) in others.items() if until > now and p != event.process_id}
        if event.viewers:
            by_process[event.process_id] = (event.viewers, now + COUNT_LIFETIME)
        if by_process:
            self._counts[event.channel_id] = by_process

    def viewers(self, channel_id: str) -> int:
        """Viewers of this channel now."""
        now = self._now()
        return sum(viewers for viewers, until in self._counts.get(channel_id, {}).values() if until > now)
