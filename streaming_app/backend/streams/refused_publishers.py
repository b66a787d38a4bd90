"""Refused publishers, shown to the owner of the channel: the newest few of all processes, in memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from streaming_app.backend.bus import Bus, Delivery
from streaming_app.backend.errors import NotFoundError, RateLimitedError
from streaming_app.backend.events import PublisherRefused
from streaming_app.backend.rate_limit import NewRateLimit
from streaming_app.backend.streams.model import Publisher
from streaming_app.backend.streams.ports import Channels

REFUSALS_MAX = 5
"""Maximum number of entries for each channel. Attempts from one address with one reason share an entry."""
CHANNELS_MAX = 1000
BURST = 5
"""Announcements for one channel that are sent at once."""
REFILL = timedelta(seconds=10)
"""Interval of further announcements, so that guessing stream keys loads neither the store nor the bus."""


@dataclass(frozen=True, slots=True)
class RefusedPublisher:
    """Refused attempts to publish from one address, for one reason."""

    address: str
    software: str
    reason: str
    at: datetime
    """Time of the last attempt."""
    count: int = 1


class RefusedPublishers:
    """Announces refused publishers, and keeps those of all processes until this process ends."""

    def __init__(self, channels: Channels, bus: Bus, now: Callable[[], datetime], new_limit: NewRateLimit) -> None:
        self._channels = channels
        self._bus = bus
        self._now = now
        self._limit = new_limit("refused-publishers", BURST, REFILL, "Too many refused publishers.")
        self._refusals: dict[str, list[RefusedPublisher]] = {}
        """By channel, ordered by the channel's newest entry, newest last. Each channel's list is newest first."""

    async def record(self, channel_id: str, publisher: Publisher, reason: str) -> None:
        """Announce a refused publisher, if the channel exists and its rate limit allows it."""
        try:
            await self._limit.spend(channel_id)
            await self._channels.get(channel_id)
        except (RateLimitedError, NotFoundError):
            return
        await self._bus.announce(
            PublisherRefused(
                at=self._now(),
                channel_id=channel_id,
                address=publisher.address,
                software=publisher.software,
                reason=reason,
            )
        )

    async def handle(self, batch: Sequence[Delivery]) -> None:
        """Handle ``PublisherRefused`` events from the bus; ignore all others."""
        for delivery in batch:
            if isinstance(delivery.event, PublisherRefused):
                self._add(delivery.event)

    def newest(self, channel_id: str) -> list[RefusedPublisher]:
        """Return the refused publishers of this channel, newest first."""
        return list(self._refusals.get(channel_id, ()))

    def _add(self, event: PublisherRefused) -> None:
        known = self._refusals.pop(event.channel_id, [])
        refusal = RefusedPublisher(event.address, event.software, event.reason, event.at)
        for same in [r for r in known if (r.address, r.reason) == (event.address, event.reason)]:
            refusal = replace(refusal, count=same.count + 1)
            known.remove(same)
        self._refusals[event.channel_id] = [refusal, *known][:REFUSALS_MAX]
        if len(self._refusals) > CHANNELS_MAX:
            del self._refusals[next(iter(self._refusals))]
