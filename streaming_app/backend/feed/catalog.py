"""Those who watch the list of what is live: told that it has changed, at once but not too often."""

import asyncio

from streaming_app.backend.chat.room import Subscriber
from streaming_app.backend.feed import frames


class CatalogFeed:
    """The seats of the catalog's feed."""

    def __init__(self, min_interval_seconds: float) -> None:
        self._min_interval_seconds = min_interval_seconds
        self._subscribers: set[Subscriber] = set()
        self._digest = ""
        self._sent_at = float("-inf")
        self._timer: asyncio.TimerHandle | None = None

    def subscribe(self, subscriber: Subscriber) -> None:
        """Welcome ``seat``, and tell it of changes from now on."""
        subscriber.send_control(frames.catalog_welcome(self._digest))
        self._subscribers.add(subscriber)

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Give up the seat, if it is one."""
        self._subscribers.discard(subscriber)

    def update(self, digest: str) -> None:
        """Tell everyone, now or when the rest since the last time is over, if the list is another than before."""
        if digest == self._digest:
            return
        self._digest = digest
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(max(loop.time(), self._sent_at + self._min_interval_seconds), self._broadcast)

    def close(self) -> None:
        """Tell nothing more."""
        if self._timer:
            self._timer.cancel()

    def _broadcast(self) -> None:
        self._timer = None
        self._sent_at = asyncio.get_running_loop().time()
        frame = frames.catalog_changed(self._digest)
        for subscriber in tuple(self._subscribers):
            subscriber.send_control(frame)
