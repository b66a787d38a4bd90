"""Counts the viewers of each channel over all web processes."""

import heapq
import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from streaming_app.backend.bus import Delivery
from streaming_app.backend.events import ViewersCounted

COUNT_TTL_SECONDS = 30.0
"""A process that does not repeat its count within this time counts as ended, and its viewers as gone."""
USER_PREFIX = "@"
"""Prefix of the viewer id of a signed-in user; the username follows."""

_NEVER = math.inf


@dataclass(slots=True)
class _ProcessViewers:
    """The viewers of one channel in one process."""

    expires_at: float
    """On the clock of ``Audience``; infinite for this process."""
    viewers: set[str] = field(default_factory=set[str])
    total: int = 0
    """The number of viewers, including those whose ids are not known, and so not in ``viewers``."""

    @property
    def unnamed(self) -> int:
        return max(0, self.total - len(self.viewers))


class Audience:
    """The union of the viewers of all web processes. Each process repeats its own within ``COUNT_TTL_SECONDS``.

    ``clock`` is monotonic, in seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._by_process: dict[str, dict[str, _ProcessViewers]] = {}
        self._named: dict[str, Counter[str]] = {}
        """By channel: the number of processes that each viewer is connected to."""

    async def handle(self, batch: Sequence[Delivery]) -> None:
        """Handle ``ViewersCounted`` events from the bus; ignore all others."""
        for delivery in batch:
            if isinstance(delivery.event, ViewersCounted):
                self.apply(delivery.event)

    def apply(self, event: ViewersCounted) -> None:
        """Update one channel's viewers in one process."""
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
        """Add a viewer in this process, whose count never expires."""
        share = self._viewers_of(channel_id, process_id)
        share.expires_at = _NEVER
        self._update(channel_id, share, {viewer} - share.viewers, ())
        share.total = len(share.viewers)

    def leave(self, channel_id: str, process_id: str, viewer: str) -> None:
        """Remove a viewer in this process."""
        share = self._viewers_of(channel_id, process_id)
        self._update(channel_id, share, (), {viewer} & share.viewers)
        share.total = len(share.viewers)
        if not share.total:
            self._remove(channel_id, process_id)

    def viewers(self, channel_id: str) -> int:
        """Return the number of viewers of this channel."""
        self._expire(channel_id)
        unnamed = sum(share.unnamed for share in self._by_process.get(channel_id, {}).values())
        return len(self._named.get(channel_id, ())) + unnamed

    def signed_in(self, channel_id: str, limit: int) -> list[str]:
        """Return the usernames of signed-in viewers of this channel, in alphabetical order, ``limit`` at most."""
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
