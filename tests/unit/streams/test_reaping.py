"""The reaper finds changes without callbacks, and updates store and ingest."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from streaming_app.backend.streams.model import StreamState
from tests.rig.interrupted import interrupted
from tests.unit.streams.conftest import OBS, Studio

OTHER = replace(OBS, client_id="2")
BACK = replace(OBS, client_id="3")


async def test_the_reaper_drops_a_publisher_that_nginx_lost_without_a_callback(studio: Studio) -> None:
    await studio.publish()
    studio.ingest.connected.clear()

    studio.clock.pass_seconds(3)
    await studio.streams.reap()

    assert await studio.state() is StreamState.RECONNECTING


async def test_the_reaper_keeps_a_publisher_that_was_just_accepted(studio: Studio) -> None:
    await studio.publish()
    studio.ingest.connected.clear()

    studio.clock.pass_seconds(1)
    await studio.streams.reap()

    assert await studio.state() is StreamState.LIVE


async def test_the_reaper_ends_a_stream_after_the_grace_period_at_its_last_seen_time(studio: Studio) -> None:
    stream = await studio.publish()
    studio.clock.pass_seconds(100)
    await studio.streams.heartbeat(studio.channel.channel_id, OBS.client_id)
    await studio.disconnect()

    studio.clock.pass_seconds(21)
    await studio.streams.reap()

    assert await studio.state() is StreamState.OFFLINE
    latest = await studio.store.streams.latest(studio.channel.channel_id)
    assert latest.duration(studio.clock.now).total_seconds() == 100
    assert latest.stream_id == stream.stream_id
    assert not latest.ended_by_owner


async def test_the_reaper_drops_a_silent_publisher_of_an_unreachable_ingest_after_the_timeout(studio: Studio) -> None:
    await studio.publish()
    studio.ingest.is_up = False

    states: list[StreamState] = []
    for seconds in (14, 2, 19, 2):
        studio.clock.pass_seconds(seconds)
        await studio.streams.reap()
        states.append(await studio.state())

    assert states == [StreamState.LIVE, StreamState.RECONNECTING, StreamState.RECONNECTING, StreamState.OFFLINE]


async def test_the_reaper_ends_an_unsupervised_stream(studio: Studio) -> None:
    await studio.publish()
    studio.ingest.connected.clear()
    studio.clock.pass_seconds(8 * 3600)

    await studio.streams.reap()

    assert await studio.state() is StreamState.OFFLINE
    assert await studio.published_types(2) == ["StreamStarted", "StreamEnded"]


async def test_the_reaper_resumes_a_stream_whose_publisher_is_connected(studio: Studio) -> None:
    await studio.publish()
    await studio.streams.publisher_gone(studio.channel.channel_id, OBS.client_id)
    studio.clock.pass_seconds(1)

    await studio.streams.reap()

    assert await studio.state() is StreamState.LIVE


async def test_the_reaper_keeps_a_publisher_connected_during_a_backend_restart(studio: Studio) -> None:
    stream = await studio.publish()
    studio.clock.pass_seconds(600)

    await studio.streams.reap()

    assert await studio.streams.current(studio.channel.channel_id) == replace(stream, seen_at=studio.clock.now)


async def test_the_reaper_takes_the_publisher_from_the_ingest(studio: Studio) -> None:
    stream = await studio.publish()
    studio.ingest.connected[studio.channel.channel_id] = OTHER.client_id
    studio.clock.pass_seconds(1)

    await studio.streams.reap()

    assert await studio.streams.current(studio.channel.channel_id) == replace(
        stream, publisher=OTHER, seen_at=studio.clock.now
    )


async def test_changes_in_the_store_after_the_ingest_snapshot_are_kept(studio: Studio) -> None:
    await studio.publish()
    await studio.streams.publisher_gone(studio.channel.channel_id, OBS.client_id)

    await studio.streams.reap()

    assert await studio.state() is StreamState.RECONNECTING


async def test_the_reaper_disconnects_a_publisher_without_a_stream(studio: Studio) -> None:
    studio.ingest.connected["c-nobody"] = "9"

    await studio.streams.reap()

    assert studio.ingest.connected == {}


async def test_a_stream_that_resumes_during_a_round_continues(studio: Studio) -> None:
    stream = await studio.publish()
    await studio.disconnect()
    studio.clock.pass_seconds(21)

    async def resume() -> None:
        studio.clock.pass_seconds(-2)
        await studio.publish(OTHER)
        studio.clock.pass_seconds(2)

    await _reap_while(studio, resume)

    current = await studio.streams.current(studio.channel.channel_id)
    assert current is not None
    assert (current.stream_id, current.publisher) == (stream.stream_id, OTHER)
    assert studio.ingest.connected


async def test_a_publisher_seen_during_a_round_is_not_dropped(
    studio: Studio,
) -> None:
    await studio.publish()
    connected = studio.ingest.connected.copy()
    studio.ingest.connected.clear()
    studio.clock.pass_seconds(5)

    async def recover() -> None:
        studio.ingest.connected.update(connected)
        await studio.streams.heartbeat(studio.channel.channel_id, OBS.client_id)

    await _reap_while(studio, recover)

    assert await studio.state() is StreamState.LIVE


async def _reap_while(studio: Studio, something: Callable[[], Awaitable[None]]) -> None:
    """Run one round. ``meanwhile`` runs right after the open streams were read."""
    await studio.service(streams=interrupted(studio.store.streams, "all_open", something)).reap()


@pytest.mark.parametrize("by", [timedelta(hours=-1), timedelta(hours=1)])
async def test_a_stream_continues_when_the_wall_clock_is_set(studio: Studio, by: timedelta) -> None:
    stream = await studio.publish()
    studio.clock.pass_seconds(100)
    await studio.streams.reap()

    studio.clock.set(by)
    for _ in range(60):
        studio.clock.pass_seconds(1)
        await studio.streams.reap()
        assert await studio.state() is StreamState.LIVE

    latest = await studio.store.streams.latest(studio.channel.channel_id)
    assert latest.stream_id == stream.stream_id
    assert studio.clock.now - latest.seen_at <= timedelta(seconds=1)


@pytest.mark.parametrize("by", [timedelta(hours=-1), timedelta(hours=1)])
async def test_the_grace_period_has_its_length_when_the_wall_clock_is_set(studio: Studio, by: timedelta) -> None:
    stream = await studio.publish()
    await studio.streams.reap()
    await studio.disconnect()

    studio.clock.set(by)
    studio.clock.pass_seconds(15)
    await studio.streams.reap()
    assert await studio.state() is StreamState.RECONNECTING
    assert (await studio.publish(BACK)).stream_id == stream.stream_id
    await studio.streams.publisher_gone(studio.channel.channel_id, BACK.client_id)
    studio.ingest.connected.clear()
    for _ in range(60):
        studio.clock.pass_seconds(1)
        await studio.streams.reap()

    assert await studio.state() is StreamState.OFFLINE


@pytest.mark.parametrize("by", [timedelta(hours=-1), timedelta(hours=1)])
async def test_a_lost_publisher_is_dropped_after_the_wall_clock_was_set(studio: Studio, by: timedelta) -> None:
    await studio.publish()
    await studio.streams.reap()
    studio.clock.set(by)
    studio.ingest.connected.clear()

    studio.clock.pass_seconds(3)
    await studio.streams.reap()

    assert await studio.state() is StreamState.RECONNECTING
