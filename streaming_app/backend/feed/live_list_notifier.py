"""The feed of the catalog: tells subscribers that the list of live streams has changed."""

import asyncio

from streaming_app.backend.chat.room import Subscriber
from streaming_app.backend.feed import frames


class LiveListNotifier:
    """The subscribers of the catalog. They get at most one notification in each ``min_interval_seconds``."""

    def __init__(self, min_interval_seconds: float) -> None:
        self._min_interval_seconds = min_interval_seconds
        self._subscribers: set[Subscriber] = set()
        self._digest = ""
        self._sent_at = float("-inf")
        self._timer: asyncio.TimerHandle | None = None

    def subscribe(self, subscriber: Subscriber) -> None:
        """Send the ``welcome`` frame, and notify the subscriber of changes from now on."""
        subscriber.send_control(frames.catalog_welcome(self._digest))
        self._subscribers.add(subscriber)

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Remove the subscriber, if it is one."""
        self._subscribers.discard(subscriber)

    def update(self, digest: str) -> None:
        """Notify all subscribers if the list has changed: now, or when the interval since the last time is over."""
        if digest == self._digest:
            return
        self._digest = digest
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(max(loop.time(), self._sent_at + self._min_interval_seconds), self._broadcast)

    def close(self) -> None:
        """Cancel the pending notification."""
        if self._timer:
            self._timer.cancel()

    def _broadcast(self) -> None:
        self._timer = None
        self._sent_at = asyncio.get_running_loop().time()
        frame = frames.catalog_changed(self._digest)
        for subscriber in tuple(self._subscribers):
            subscriber.send_control(frame)
