"""Who watches: knows this process's viewers, and tells the other processes who came and who went."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import islice
from uuid import uuid4

from streaming_app.backend.bus import Bus, Delivery
from streaming_app.backend.events import ViewersCounted
from streaming_app.backend.streams.audience import Audience

VIEWERS_PER_EVENT_MAX = 2_000
"""Viewers whom one event names: some 40 KB."""


class Presence:
    """The viewers of every channel that this process shows. Someone with several seats is one viewer."""

    def __init__(self, audience: Audience, bus: Bus, now: Callable[[], datetime]) -> None:
        self._audience = audience
        self._bus = bus
        self._now = now
        self._process_id = uuid4().hex
        self._local: dict[str, Counter[str]] = {}
        """How many seats each viewer of a channel has."""
        self._announced: dict[str, set[str]] = {}
        """Those of whom the other processes have heard."""
        self._changed: dict[str, set[str]] = {}
        """Those who have come or gone since."""
        self._displayed: dict[str, int] = {}
        """What each channel's viewers last read."""

    async def handle(self, batch: Sequence[Delivery]) -> None:
        """Take in what the other processes say: of its own viewers this one knows better."""
        await self._audience.handle([delivery for delivery in batch if not self._is_own(delivery)])

    def join(self, channel_id: str, viewer: str) -> int:
        """``viewer`` takes a seat; how many watch now."""
        seats = self._local.setdefault(channel_id, Counter())
        seats[viewer] += 1
        if seats[viewer] == 1:
            self._audience.join(channel_id, self._process_id, viewer)
            self._changed.setdefault(channel_id, set()).add(viewer)
        self._displayed.pop(channel_id, None)
        return self._audience.viewers(channel_id)

    def leave(self, channel_id: str, viewer: str) -> None:
        """``viewer`` gives up a seat."""
        seats = self._local[channel_id]
        seats[viewer] -= 1
        if not seats[viewer]:
            del seats[viewer]
            self._audience.leave(channel_id, self._process_id, viewer)
            self._changed.setdefault(channel_id, set()).add(viewer)
        if not seats:
            del self._local[channel_id]

    async def announce_changes(self) -> None:
        """Say who came and who went since it was last told."""
        moved, self._changed = self._changed, {}
        for channel_id, viewers in moved.items():
            here, told = self._local.get(channel_id, Counter[str]()), self._announced.setdefault(channel_id, set())
            came = {viewer for viewer in viewers if viewer in here and viewer not in told}
            went = {viewer for viewer in viewers if viewer in told and viewer not in here}
            if came or went:
                await self._announce(channel_id, len(here), came, went, whole=not told)
            told |= came
            told -= went
            if not told:
                del self._announced[channel_id]

    async def announce_all(self) -> None:
        """Say everything again: who hears nothing for long believes that this process is gone."""
        for channel_id, here in list(self._local.items()):
            self._announced[channel_id] = set(here)
            await self._announce(channel_id, len(here), here, (), whole=True)

    async def shutdown(self) -> None:
        """Say that nobody watches here any more: the process ends."""
        for channel_id in list(self._announced):
            await self._announce(channel_id, 0, (), (), whole=True)
        self._announced.clear()

    def changed_counts(self) -> dict[str, int]:
        """The viewers of each channel whose viewers have read another number."""
        viewers = {channel_id: self._audience.viewers(channel_id) for channel_id in self._local}
        news = {
            channel_id: number for channel_id, number in viewers.items() if self._displayed.get(channel_id) != number
        }
        self._displayed = viewers
        return news

    async def _announce(
        self, channel_id: str, viewers: int, came: Iterable[str], went: Iterable[str], *, whole: bool
    ) -> None:
        """In several events where one would name too many."""
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
