"""Who watches each channel, over all web processes."""

import heapq
import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from streaming_app.backend.bus import Delivery
from streaming_app.backend.events import ViewersCounted

COUNT_TTL_SECONDS = 30.0
"""A process that has not repeated its count for so long is gone, and its viewers with it."""
USER_PREFIX = "@"
"""What the name of a viewer who is signed in begins with, as the bus carries it."""

_NEVER = math.inf


@dataclass(slots=True)
class _ProcessViewers:
    """What one process says of one channel."""

    expires_at: float
    """On the clock of ``Audience``."""
    viewers: set[str] = field(default_factory=set[str])
    total: int = 0
    """How many they are. Who is not among ``viewers`` has not been named yet, or never will be."""

    @property
    def unnamed(self) -> int:
        return max(0, self.total - len(self.viewers))


class Audience:
    """What all web processes say, as one set. Each process repeats its own well within ``COUNT_SECONDS``.

    ``clock`` is monotonic, in seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._by_process: dict[str, dict[str, _ProcessViewers]] = {}
        self._named: dict[str, Counter[str]] = {}
        """In how many processes each viewer of a channel is."""

    async def handle(self, batch: Sequence[Delivery]) -> None:
        """Take in ``ViewersCounted`` events from the bus; others pass."""
        for delivery in batch:
            if isinstance(delivery.event, ViewersCounted):
                self.apply(delivery.event)

    def apply(self, event: ViewersCounted) -> None:
        """Take in what one process says of one channel."""
        self._expire(event.channel_id)
        if not event.viewers:
            self._remove(event.channel_id, event.process_id)
            return
        share = self._viewers_of(event.channel_id, event.process_id)
        share.expires_at, share.total = self._clock() + COUNT_TTL_SECONDS, event.viewers
        came = set(event.came)
        went = share.viewers - came if event.whole else share.viewers.intersection(event.went)
        self._update(event.channel_id, share, came - share.viewers, went)

    def join(self, channel_id: str, process_id: str, viewer: str) -> None:
        """One more watches in this process, which is our own: it does not fall silent."""
        share = self._viewers_of(channel_id, process_id)
        share.expires_at = _NEVER
        self._update(channel_id, share, {viewer} - share.viewers, ())
        share.total = len(share.viewers)

    def leave(self, channel_id: str, process_id: str, viewer: str) -> None:
        """One less watches in our own process."""
        share = self._viewers_of(channel_id, process_id)
        self._update(channel_id, share, (), {viewer} & share.viewers)
        share.total = len(share.viewers)
        if not share.total:
            self._remove(channel_id, process_id)

    def viewers(self, channel_id: str) -> int:
        """Viewers of this channel now."""
        self._expire(channel_id)
        unnamed = sum(share.unnamed for share in self._by_process.get(channel_id, {}).values())
        return len(self._named.get(channel_id, ())) + unnamed

    def signed_in(self, channel_id: str, limit: int) -> list[str]:
        """The first ``limit`` usernames of those who watch this channel now, by name."""
        self._expire(channel_id)
        names = (v.removeprefix(USER_PREFIX) for v in self._named.get(channel_id, ()) if v.startswith(USER_PREFIX))
        return heapq.nsmallest(limit, names, key=str.casefold)

    def _viewers_of(self, channel_id: str, process_id: str) -> _ProcessViewers:
        shares = self._by_process.setdefault(channel_id, {})
        if process_id not in shares:
            shares[process_id] = _ProcessViewers(self._clock() + COUNT_TTL_SECONDS)
        return shares[process_id]

    def _update(self, channel_id: str, share: _ProcessViewers, came: Iterable[str], went: Iterable[str]) -> None:
        named = self._named.setdefault(channel_id, Counter())
        for viewer in came:
            share.viewers.add(viewer)
            named[viewer] += 1
        for viewer in went:
            share.viewers.remove(viewer)
            named[viewer] -= 1
            if not named[viewer]:
                del named[viewer]

    def _expire(self, channel_id: str) -> None:
        now = self._clock()
        for process_id in [p for p, share in self._by_process.get(channel_id, {}).items() if share.expires_at <= now]:
            self._remove(channel_id, process_id)

    def _remove(self, channel_id: str, process_id: str) -> None:
        share = self._by_process.get(channel_id, {}).pop(process_id, None)
        if share is None:
            return
        self._update(channel_id, share, (), share.viewers.copy())
        if not self._by_process[channel_id]:
            del self._by_process[channel_id], self._named[channel_id]
