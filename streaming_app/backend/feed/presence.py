"""How many watch: counts this process's seats, tells the other processes, and adds up what all of them tell."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import uuid4

from streaming_app.backend.bus import Bus, Delivery
from streaming_app.backend.chat.hub import ChatHub
from streaming_app.backend.events import ViewersCounted
from streaming_app.backend.streams.audience import Audience


class Presence:
    """The viewers of every channel that this process shows."""

    def __init__(self, hub: ChatHub, audience: Audience, bus: Bus, now: Callable[[], datetime]) -> None:
        self._hub = hub
        self._audience = audience
        self._bus = bus
        self._now = now
        self._process_id = uuid4().hex
        self._told: dict[str, int] = {}
        """What this process last said of its seats."""
        self._shown: dict[str, int] = {}
        """What its viewers last read."""

    async def hear(self, batch: Sequence[Delivery]) -> None:
        """Take in what the other processes count: of its own seats this one knows better."""
        await self._audience.hear([delivery for delivery in batch if not self._is_own(delivery)])

    def viewers(self, channel_id: str) -> int:
        """Viewers of the channel now, those who came this moment among them."""
        news = self._hub.seats(channel_id) - self._told.get(channel_id, 0)
        return max(0, self._audience.viewers(channel_id) + news)

    def show_newcomer(self, channel_id: str) -> int:
        """``viewers``, for one who takes a seat now."""
        viewers = self.viewers(channel_id) + 1
        self._shown.pop(channel_id, None)
        return viewers

    async def tell(self) -> None:
        """Say what has changed since it was last told."""
        counts = self._hub.watched()
        changed = {c: counts.get(c, 0) for c in counts.keys() | self._told.keys() if counts.get(c) != self._told.get(c)}
        await self._say(changed)

    async def repeat(self) -> None:
        """Say everything again: who hears nothing for long believes that this process is gone."""
        await self._say(self._hub.watched())

    async def take_leave(self) -> None:
        """Say that nobody watches here any more: the process ends."""
        await self._say(dict.fromkeys(self._told, 0))

    def news(self) -> dict[str, int]:
        """The viewers of each channel whose viewers have read another number."""
        viewers = {channel_id: self.viewers(channel_id) for channel_id in self._hub.watched()}
        news = {channel_id: number for channel_id, number in viewers.items() if self._shown.get(channel_id) != number}
        self._shown = viewers
        return news

    async def _say(self, counts: dict[str, int]) -> None:
        for channel_id, viewers in counts.items():
            event = ViewersCounted(at=self._now(), channel_id=channel_id, process_id=self._process_id, viewers=viewers)
            self._audience.count(event)
            if viewers:
                self._told[channel_id] = viewers
            else:
                self._told.pop(channel_id, None)
            await self._bus.announce(event)

    def _is_own(self, delivery: Delivery) -> bool:
        return isinstance(delivery.event, ViewersCounted) and delivery.event.process_id == self._process_id
