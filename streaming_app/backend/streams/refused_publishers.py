"""Publishers that were refused, for the owner of the channel they named: newest few, in memory, over all processes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from streaming_app.backend.bus import Bus, Delivery
from streaming_app.backend.errors import NotFoundError, RateLimitedError
from streaming_app.backend.events import PublisherRefused
from streaming_app.backend.rate_limit import RateLimit
from streaming_app.backend.streams.model import Publisher
from streaming_app.backend.streams.ports import Channels

REFUSALS_MAX = 5
"""Refusals that are kept of each channel; those of one address for one reason are one."""
CHANNELS_MAX = 1000
BURST = 5
"""Refusals of one channel that are announced at once ..."""
REFILL = timedelta(seconds=10)
"""... and how long each further one takes: whoever tries keys by the thousand costs neither store nor bus."""


@dataclass(frozen=True, slots=True)
class RefusedPublisher:
    """What was tried, and why it was refused."""

    address: str
    software: str
    reason: str
    at: datetime
    """The last time."""
    count: int = 1


class RefusedPublishers:
    """Hears of refused publishers and remembers them until this process ends."""

    def __init__(self, channels: Channels, bus: Bus, now: Callable[[], datetime], clock: Callable[[], float]) -> None:
        self._channels = channels
        self._bus = bus
        self._now = now
        self._limit = RateLimit(BURST, REFILL, clock, "Too many refused publishers.")
        self._refusals: dict[str, list[RefusedPublisher]] = {}
        """By channel, the channel with the newest last; of each channel newest first."""

    async def record(self, channel_id: str, publisher: Publisher, reason: str) -> None:
        """Announce a refusal, if there is such a channel and not too many were refused there."""
        try:
            self._limit.spend(channel_id)
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
        """Take in ``PublisherRefused`` events from the bus; others pass."""
        for delivery in batch:
            if isinstance(delivery.event, PublisherRefused):
                self._add(delivery.event)

    def newest(self, channel_id: str) -> list[RefusedPublisher]:
        """What was refused on this channel, newest first."""
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
