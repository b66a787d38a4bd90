"""Tracks the viewers who are connected to this process, and announces joins and leaves to the other processes."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import islice
from uuid import uuid4

from streaming_app.backend.bus import Bus, Delivery
from streaming_app.backend.events import ViewersCounted
from streaming_app.backend.streams.audience import Audience

VIEWERS_PER_EVENT_MAX = 2_000
"""Maximum number of viewer ids in one event, which is then about 40 KB."""


class Presence:
    """The viewers of every channel in this process. A viewer with several connections counts once."""

    def __init__(self, audience: Audience, bus: Bus, now: Callable[[], datetime]) -> None:
        self._audience = audience
        self._bus = bus
        self._now = now
        self._process_id = uuid4().hex
        self._local: dict[str, Counter[str]] = {}
        """By channel: the number of connections of each viewer."""
        self._announced: dict[str, set[str]] = {}
        """By channel: the viewers that this process has announced to the others."""
        self._changed: dict[str, set[str]] = {}
        """By channel: the viewers who joined or left since the last announcement."""
        self._displayed: dict[str, int] = {}
        """By channel: the count that was last sent to its viewers."""

    @property
    def local_viewers(self) -> int:
        """Number of viewers in this process. A viewer of two channels counts twice."""
        return sum(map(len, self._local.values()))

    async def handle(self, batch: Sequence[Delivery]) -> None:
        """Update the audience from the announcements of other processes."""
        await self._audience.handle([delivery for delivery in batch if not self._is_own(delivery)])

    def join(self, channel_id: str, viewer: str) -> int:
        """Add a connection of ``viewer`` and return the channel's number of viewers."""
        connections = self._local.setdefault(channel_id, Counter())
        connections[viewer] += 1
        if connections[viewer] == 1:
            self._audience.join(channel_id, self._process_id, viewer)
            self._changed.setdefault(channel_id, set()).add(viewer)
        self._displayed.pop(channel_id, None)  # the new connection needs the number even if it has not changed
        return self._audience.viewers(channel_id)

    def leave(self, channel_id: str, viewer: str) -> None:
        """Remove a connection of ``viewer``."""
        connections = self._local[channel_id]
        connections[viewer] -= 1
        if not connections[viewer]:
            del connections[viewer]
            self._audience.leave(channel_id, self._process_id, viewer)
            self._changed.setdefault(channel_id, set()).add(viewer)
        if not connections:
            del self._local[channel_id]

    async def announce_changes(self) -> None:
        """Announce the viewers who joined or left since the last call."""
        changed, self._changed = self._changed, {}
        for channel_id, viewers in changed.items():
            present, announced = (
                self._local.get(channel_id, Counter[str]()),
                self._announced.setdefault(channel_id, set()),
            )
            came = {viewer for viewer in viewers if viewer in present and viewer not in announced}
            went = {viewer for viewer in viewers if viewer in announced and viewer not in present}
            if came or went:
                await self._announce(channel_id, len(present), came, went, whole=not announced)
            announced |= came
            announced -= went
            if not announced:
                del self._announced[channel_id]

    async def announce_all(self) -> None:
        """Announce all viewers again, so that other processes know that this one is alive."""
        for channel_id, present in list(self._local.items()):
            self._announced[channel_id] = set(present)
            await self._announce(channel_id, len(present), present, (), whole=True)

    async def shutdown(self) -> None:
        """Announce that this process has no viewers any more, before it ends."""
        for channel_id in list(self._announced):
            await self._announce(channel_id, 0, (), (), whole=True)
        self._announced.clear()

    def changed_counts(self) -> dict[str, int]:
        """Return the number of viewers of each channel whose number has changed since the last call."""
        viewers = {channel_id: self._audience.viewers(channel_id) for channel_id in self._local}
        changed = {
            channel_id: number for channel_id, number in viewers.items() if self._displayed.get(channel_id) != number
        }
        self._displayed = viewers
        return changed

    async def _announce(
        self, channel_id: str, viewers: int, came: Iterable[str], went: Iterable[str], *, whole: bool
    ) -> None:
        """Announce a change of one channel, in several events if there are more than ``VIEWERS_PER_EVENT_MAX`` ids."""
        coming, going = iter(came), iter(went)
        while True:
            event = ViewersCounted(
                at=self._now(),
                channel_id=channel_id,
                process_id=self._process_id,
                viewers=viewers,
                whole=whole,
                came=tuple(islice(coming, VIEWERS_PER_EVENT_MAX)),
                went=tuple(islice(going, VIEWERS_PER_EVENT_MAX)),
            )
            if not (whole or event.came or event.went):
                return
            await self._bus.announce(event)
            whole = False

    def _is_own(self, delivery: Delivery) -> bool:
        return isinstance(delivery.event, ViewersCounted) and delivery.event.process_id == self._process_id
