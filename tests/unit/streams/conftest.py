"""The services of streams on a real store and bus, with a clock and an ingest that the test controls."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest

from streaming_app.backend.accounts.model import User
from streaming_app.backend.adapters.local_bus import LocalBus
from streaming_app.backend.adapters.sqlite import SqliteStore, open_store
from streaming_app.backend.adapters.stream_keys import SealedStreamKeys
from streaming_app.backend.bus import Delivery
from streaming_app.backend.clock_changes import ClockWatch
from streaming_app.backend.events import ACCOUNTS_TOPIC, STREAMS_TOPIC, Event
from streaming_app.backend.streams.channel_service import ChannelLimits, ChannelService
from streaming_app.backend.streams.model import Channel, Publisher, Stream, StreamState
from streaming_app.backend.streams.policy import StreamTimeouts
from streaming_app.backend.streams.ports import Ingest, Streams
from streaming_app.backend.streams.service import StreamService
from streaming_app.backend.streams.takeover import Takeover
from tests.rig.conditions import until
from tests.rig.fake_ingest import FakeIngest
from tests.rig.limits import unlimited

TIMES = StreamTimeouts(
    reconnect_grace=timedelta(seconds=20), end_hold=timedelta(seconds=60), publisher_timeout=timedelta(seconds=15)
)
OWNER = User("u-ada", "Ada", "ada@example.com", "hash", datetime(2026, 1, 1, tzinfo=UTC))
OBS = Publisher("1", "192.0.2.7", "OBS")


class Clock:
    """A clock that only the test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 12, tzinfo=UTC)
        self.set_by = timedelta(0)

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        """Return the monotonic time."""
        return (self.now - self.set_by).timestamp()

    def set(self, by: timedelta) -> None:
        """Set the wall clock forward or back."""
        self.now += by
        self.set_by += by

    def pass_seconds(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Studio:
    """One channel with its owner and an encoder, and all services that they need."""

    def __init__(self, store: SqliteStore, bus: LocalBus, clock: Clock) -> None:
        self.store = store
        self.clock = clock
        self.ingest = FakeIngest()
        self.said: list[Event] = []
        self.keys = SealedStreamKeys(hash_key=b"h" * 32, seal_key=b"s" * 32)
        self.bus = bus
        self.streams = self.service()
        self.channels = ChannelService(
            store.channels, store.streams, self.keys, bus, clock, ChannelLimits(unlimited(), unlimited())
        )
        self.channel: Channel
        self.secret: str

    def service(self, streams: Streams | None = None, ingest: Ingest | None = None) -> StreamService:
        """Create a stream service like that of one more process, optionally with another store or ingest."""
        return StreamService(
            self.store.users,
            self.store.channels,
            streams or self.store.streams,
            self.keys,
            ingest or self.ingest,
            self.bus,
            self.clock,
            TIMES,
            Takeover(ingest or self.ingest, silent_seconds=0.0),
            ClockWatch(self.clock, self.clock.seconds),
        )

    async def hear(self, batch: Sequence[Delivery]) -> None:
        self.said += [delivery.event for delivery in batch]

    async def open(self) -> None:
        await self.store.users.add(OWNER)
        self.channel = await self.channels.get_or_create(OWNER)
        self.secret = self.keys.open(self.channel.key_sealed)

    async def publish(self, publisher: Publisher = OBS) -> Stream:
        """Accept the encoder, and list it in the ingest."""
        stream = await self.streams.start(self.channel.channel_id, self.secret, publisher)
        self.ingest.connected[self.channel.channel_id] = publisher.client_id
        return stream

    async def disconnect(self, publisher: Publisher = OBS) -> None:
        """Disconnect the encoder, and call nginx's callback."""
        self.ingest.connected.pop(self.channel.channel_id, None)
        await self.streams.publisher_gone(self.channel.channel_id, publisher.client_id)

    async def state(self) -> StreamState:
        stream = await self.streams.current(self.channel.channel_id)
        return stream.state if stream else StreamState.OFFLINE

    async def published_types(self, expected: int) -> list[str]:
        """Wait until ``expected`` events were published, and return the types of all."""
        await until(lambda: len(self.said) >= expected, f"{expected} events were said")
        return [event.type for event in self.said]


NewStudio = Callable[[], Studio]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def studio(clock: Clock) -> AsyncIterator[Studio]:
    async with AsyncExitStack() as stack:
        bus = LocalBus(clock)
        studio = Studio(await stack.enter_async_context(open_store(":memory:")), bus, clock)
        await stack.enter_async_context(bus.subscribe([STREAMS_TOPIC, ACCOUNTS_TOPIC], studio.hear))
        await studio.open()
        yield studio
