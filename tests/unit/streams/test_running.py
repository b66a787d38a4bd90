"""A running stream: updates, drops and its end."""

from dataclasses import replace
from datetime import timedelta

import pytest

from streaming_app.backend.errors import ForbiddenError, NotFoundError
from streaming_app.backend.events import StreamEnded
from streaming_app.backend.streams.model import StreamState
from tests.unit.streams.conftest import OBS, OWNER, Studio

OTHER = replace(OBS, client_id="2")


async def test_an_update_keeps_a_stream_live(studio: Studio) -> None:
    await studio.publish()
    studio.ingest.is_up = False
    for _ in range(10):
        studio.clock.pass_seconds(5)
        await studio.streams.heartbeat(studio.channel.channel_id, OBS.client_id)
        await studio.streams.reap()

    assert await studio.state() is StreamState.LIVE


async def test_an_update_resumes_a_dropped_stream(studio: Studio) -> None:
    await studio.publish()
    await studio.streams.publisher_gone(studio.channel.channel_id, OBS.client_id)

    await studio.streams.heartbeat(studio.channel.channel_id, OBS.client_id)

    assert await studio.state() is StreamState.LIVE


async def test_an_update_of_an_unknown_publisher_disconnects_it(studio: Studio) -> None:
    stream = await studio.publish()

    with pytest.raises(ForbiddenError):
        await studio.streams.heartbeat(studio.channel.channel_id, OTHER.client_id)

    assert await studio.streams.current(studio.channel.channel_id) == stream


async def test_an_update_of_the_publisher_in_the_ingest_takes_over_the_stream(studio: Studio) -> None:
    stream = await studio.publish()
    studio.ingest.connected[studio.channel.channel_id] = OTHER.client_id

    await studio.streams.heartbeat(studio.channel.channel_id, OTHER.client_id)

    current = await studio.streams.current(studio.channel.channel_id)
    assert current == replace(stream, publisher=OTHER)


async def test_an_update_without_a_stream_disconnects_the_publisher(studio: Studio) -> None:
    with pytest.raises(ForbiddenError):
        await studio.streams.heartbeat(studio.channel.channel_id, OBS.client_id)


async def test_a_ban_ends_a_running_stream_at_the_next_update(studio: Studio) -> None:
    await studio.publish()
    await studio.store.users.set_banned(OWNER.user_id, banned=True)

    with pytest.raises(ForbiddenError):
        await studio.streams.heartbeat(studio.channel.channel_id, OBS.client_id)

    assert await studio.state() is StreamState.OFFLINE


async def test_a_stream_waits_for_its_dropped_publisher(studio: Studio) -> None:
    await studio.publish()

    await studio.disconnect()

    assert await studio.state() is StreamState.RECONNECTING


async def test_a_repeated_end_of_a_publisher_changes_nothing(studio: Studio) -> None:
    await studio.publish()
    await studio.disconnect()
    stream = await studio.streams.current(studio.channel.channel_id)
    studio.clock.pass_seconds(5)

    await studio.disconnect()

    assert await studio.streams.current(studio.channel.channel_id) == stream
    assert await studio.published_types(2) == ["StreamStarted", "StreamUpdated"]


async def test_the_end_of_a_publisher_of_an_unknown_channel_changes_nothing(studio: Studio) -> None:
    await studio.streams.publisher_gone("nowhere", OBS.client_id)

    assert studio.said == []


async def test_the_owner_ends_the_stream_at_once_and_the_publisher_is_disconnected(studio: Studio) -> None:
    stream = await studio.publish()
    studio.clock.pass_seconds(90)

    await studio.streams.end(OWNER.user_id)

    assert await studio.state() is StreamState.OFFLINE
    assert studio.ingest.connected == {}
    await studio.published_types(2)
    ended = studio.said[-1]
    assert isinstance(ended, StreamEnded)
    assert (ended.stream_id, ended.duration_seconds) == (stream.stream_id, 90)
    assert (ended.title, ended.started_at, ended.ended_at) == (stream.title, stream.started_at, studio.clock.now)
    assert ended.by_owner


async def test_the_owner_can_allow_the_encoder_before_the_hold_ends(studio: Studio) -> None:
    await studio.publish()
    await studio.streams.end(OWNER.user_id)
    studio.clock.pass_seconds(20)
    latest = await studio.streams.latest(studio.channel.channel_id)
    assert studio.streams.restart_delay(latest) == timedelta(seconds=40)

    await studio.streams.allow_restart(OWNER.user_id)

    assert not studio.streams.restart_delay(await studio.streams.latest(studio.channel.channel_id))
    await studio.publish()
    assert await studio.state() is StreamState.LIVE


async def test_only_the_owner_can_allow_the_encoder(studio: Studio) -> None:
    await studio.publish()
    await studio.streams.end(OWNER.user_id)

    with pytest.raises(NotFoundError):
        await studio.streams.allow_restart("u-stranger")

    with pytest.raises(ForbiddenError):
        await studio.publish()


async def test_setting_the_clock_back_does_not_prolong_the_hold(studio: Studio) -> None:
    await studio.publish()
    await studio.streams.end(OWNER.user_id)

    studio.clock.set(timedelta(hours=-1))

    assert await studio.publish()


async def test_an_encoder_is_refused_for_a_time_after_the_owner_ended_the_stream(studio: Studio) -> None:
    await studio.publish()
    await studio.streams.end(OWNER.user_id)

    with pytest.raises(ForbiddenError, match="60 s"):
        await studio.publish()
    studio.clock.pass_seconds(60)
    await studio.publish()

    assert await studio.state() is StreamState.LIVE


async def test_an_end_during_an_ingest_outage_disconnects_at_the_next_round(studio: Studio) -> None:
    await studio.publish()
    studio.ingest.is_up = False
    await studio.streams.end(OWNER.user_id)
    studio.ingest.is_up = True

    await studio.streams.reap()

    assert studio.ingest.connected == {}


async def test_ending_without_a_stream_is_refused(studio: Studio) -> None:
    with pytest.raises(NotFoundError):
        await studio.streams.end(OWNER.user_id)


async def test_the_live_list_shows_open_streams_with_their_channels_newest_first(studio: Studio) -> None:
    await studio.publish()
    studio.clock.pass_seconds(1)
    newer = replace(OWNER, user_id="u-bob", username="Bob", email="bob@example.com")
    await studio.store.users.add(newer)
    channel = await studio.channels.get_or_create(newer)
    await studio.streams.start(channel.channel_id, studio.keys.open(channel.key_sealed), OTHER)

    assert [each.channel.name for each in await studio.streams.live()] == ["Bob", "Ada"]
