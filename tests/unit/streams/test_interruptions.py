"""Use cases of streams, interrupted at each step, have the same result after a repair."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest

from streaming_app.backend.adapters.local_bus import LocalBus
from streaming_app.backend.adapters.sqlite import open_store
from streaming_app.backend.errors import ConflictError
from streaming_app.backend.streams.model import StreamState
from streaming_app.backend.streams.ports import IngestUnavailableError
from streaming_app.backend.streams.service import StreamService
from streaming_app.backend.streams.takeover import Takeover
from tests.rig.faults import Faults, for_each_fault
from tests.unit.streams.conftest import OBS, OWNER, TIMES, Clock, Studio

BACK = replace(OBS, client_id="2")
Prepare = Callable[[Faults], Awaitable[Studio]]


@pytest.fixture
async def prepare() -> AsyncIterator[Prepare]:
    """A factory of studios whose store, bus and ingest have injected faults."""
    async with AsyncExitStack() as stack:

        async def prepare(faults: Faults) -> Studio:
            clock = Clock()
            bus = LocalBus(clock)
            studio = Studio(await stack.enter_async_context(open_store(":memory:")), bus, clock)
            await studio.open()
            store: Any = faults.around(studio.store)
            ingest: Any = faults.around(studio.ingest, IngestUnavailableError)
            studio.streams = StreamService(
                store.users,
                store.channels,
                store.streams,
                studio.keys,
                ingest,
                faults.around(bus),
                clock,
                TIMES,
                Takeover(ingest, silent_seconds=0.0),
            )
            return studio

        yield prepare


async def _repaired(studio: Studio) -> None:
    """Run two rounds of the reaper, which is enough to notice a lost publisher."""
    for _ in range(2):
        studio.clock.pass_seconds(3)
        await studio.streams.reap()


async def _live(faults: Faults, prepare: Prepare) -> Studio:
    studio = await prepare(faults)
    await studio.publish()
    return studio


async def test_an_interrupted_start_is_repaired(prepare: Prepare) -> None:
    async def is_live(studio: Studio) -> None:
        await _repaired(studio)
        assert await studio.state() is StreamState.LIVE

    await for_each_fault(prepare, lambda studio: studio.publish(), is_live)


async def test_an_interrupted_resumption_is_repaired(prepare: Prepare) -> None:
    streams: dict[Studio, str] = {}

    async def dropped(faults: Faults) -> Studio:
        studio = await prepare(faults)
        streams[studio] = (await studio.publish()).stream_id
        await studio.disconnect()
        studio.clock.pass_seconds(5)
        return studio

    async def is_the_same_stream(studio: Studio) -> None:
        await _repaired(studio)
        latest = await studio.streams.latest(studio.channel.channel_id)
        assert (latest.stream_id, latest.state, latest.publisher) == (streams[studio], StreamState.LIVE, BACK)

    await for_each_fault(dropped, lambda studio: studio.publish(BACK), is_the_same_stream)


async def test_an_interrupted_takeover_is_repaired(prepare: Prepare) -> None:
    async def frozen(faults: Faults) -> Studio:
        studio = await _live(faults, prepare)
        studio.ingest.frozen.add(OBS.client_id)
        return studio

    async def is_taken_over(studio: Studio) -> None:
        await _repaired(studio)
        assert (await studio.streams.latest(studio.channel.channel_id)).publisher == BACK
        assert await studio.state() is StreamState.LIVE

    await for_each_fault(frozen, _try_twice, is_taken_over)


async def _try_twice(studio: Studio) -> None:
    """Publish, and try once more after a refusal, as encoders do."""
    try:
        await studio.publish(BACK)
    except ConflictError:
        await studio.publish(BACK)


async def test_an_interrupted_drop_is_repaired(prepare: Prepare) -> None:
    async def waits(studio: Studio) -> None:
        await _repaired(studio)
        assert await studio.state() is StreamState.RECONNECTING

    await for_each_fault(lambda faults: _live(faults, prepare), lambda studio: studio.disconnect(), waits)


async def test_an_interrupted_end_by_the_owner_is_repaired(prepare: Prepare) -> None:
    async def is_over(studio: Studio) -> None:
        await _repaired(studio)
        latest = await studio.streams.latest(studio.channel.channel_id)
        assert (latest.state, latest.ended_by_owner) == (StreamState.OFFLINE, True)
        assert studio.ingest.connected == {}

    await for_each_fault(
        lambda faults: _live(faults, prepare), lambda studio: studio.streams.end(OWNER.user_id), is_over
    )


async def test_an_interrupted_round_of_the_reaper_is_repaired(prepare: Prepare) -> None:
    async def vanished(faults: Faults) -> Studio:
        studio = await _live(faults, prepare)
        studio.ingest.connected.clear()
        studio.ingest.connected["c-nobody"] = "9"
        studio.clock.pass_seconds(40)
        return studio

    async def is_over(studio: Studio) -> None:
        await _repaired(studio)
        assert await studio.state() is StreamState.OFFLINE
        assert studio.ingest.connected == {}

    await for_each_fault(vanished, lambda studio: studio.streams.reap(), is_over)
