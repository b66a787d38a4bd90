"""Publishers that are accepted or refused, and their streams."""

import asyncio
from dataclasses import replace

import pytest

from streaming_app.backend.errors import ConflictError, ForbiddenError
from streaming_app.backend.events import StreamStarted, StreamUpdated
from streaming_app.backend.streams.model import StreamState
from tests.unit.streams.conftest import OBS, OWNER, Studio

OTHER = replace(OBS, client_id="2", address="192.0.2.99")
BACK = replace(OBS, client_id="3")


async def test_the_right_key_starts_a_stream_with_the_title_of_the_channel(studio: Studio) -> None:
    await studio.channels.set_title_and_category(OWNER.user_id, "Making a chair", "Woodwork")

    stream = await studio.publish()

    assert (stream.title, stream.category, stream.publisher) == ("Making a chair", "Woodwork", OBS)
    assert await studio.state() is StreamState.LIVE
    await studio.published_types(1)
    assert studio.said == [
        StreamStarted(
            event_id=studio.said[0].event_id,
            at=studio.clock.now,
            channel_id=studio.channel.channel_id,
            stream_id=stream.stream_id,
            title="Making a chair",
            category="Woodwork",
            slug="ada",
            name="Ada",
        )
    ]


@pytest.mark.parametrize("secret", ["", "wrong", "' OR 1=1", "\udcff", "x" * 10_000])
async def test_a_wrong_key_is_refused(studio: Studio, secret: str) -> None:
    with pytest.raises(ForbiddenError):
        await studio.streams.start(studio.channel.channel_id, secret, OBS)

    assert await studio.state() is StreamState.OFFLINE


async def test_a_key_is_valid_only_for_its_channel(studio: Studio) -> None:
    victim = await studio.channels.get_or_create(replace(OWNER, user_id="u-victim", username="Victim", email="v@e.com"))

    with pytest.raises(ForbiddenError):
        await studio.streams.start(victim.channel_id, studio.secret, OBS)


async def test_a_rotated_key_is_refused(studio: Studio) -> None:
    await studio.channels.rotate_key(OWNER.user_id)

    with pytest.raises(ForbiddenError):
        await studio.publish()


async def test_a_running_stream_continues_after_its_key_is_rotated(studio: Studio) -> None:
    await studio.publish()

    await studio.channels.rotate_key(OWNER.user_id)
    await studio.streams.heartbeat(studio.channel.channel_id, OBS.client_id)

    assert await studio.state() is StreamState.LIVE


async def test_a_banned_owner_is_refused(studio: Studio) -> None:
    await studio.store.users.set_banned(OWNER.user_id, banned=True)

    with pytest.raises(ForbiddenError, match="suspended"):
        await studio.publish()


async def test_a_second_publisher_is_refused_and_the_first_continues(studio: Studio) -> None:
    stream = await studio.publish()

    with pytest.raises(ConflictError):
        await studio.streams.start(studio.channel.channel_id, studio.secret, OTHER)
    await studio.streams.publisher_gone(studio.channel.channel_id, OTHER.client_id)

    assert await studio.streams.current(studio.channel.channel_id) == stream


async def test_a_publisher_takes_over_the_stream_of_a_frozen_one(studio: Studio) -> None:
    stream = await studio.publish()
    studio.ingest.frozen.add(OBS.client_id)

    resumed = await studio.publish(OTHER)
    await studio.streams.publisher_gone(studio.channel.channel_id, OBS.client_id)

    assert (resumed.stream_id, resumed.publisher) == (stream.stream_id, OTHER)
    assert await studio.state() is StreamState.LIVE
    assert studio.ingest.connected == {studio.channel.channel_id: OTHER.client_id}


async def test_one_of_two_concurrent_publishers_takes_over_from_a_frozen_one(studio: Studio) -> None:
    await studio.publish()
    studio.ingest.frozen.add(OBS.client_id)

    results = await asyncio.gather(
        *(studio.streams.start(studio.channel.channel_id, studio.secret, each) for each in (OTHER, BACK)),
        return_exceptions=True,
    )

    assert sorted(isinstance(result, ConflictError) for result in results) == [False, True]


async def test_a_publisher_with_a_wrong_key_cannot_take_over(studio: Studio) -> None:
    await studio.publish()
    studio.ingest.frozen.add(OBS.client_id)

    with pytest.raises(ForbiddenError):
        await studio.streams.start(studio.channel.channel_id, "wrong", OTHER)

    assert studio.ingest.connected == {studio.channel.channel_id: OBS.client_id}


async def test_one_of_two_concurrent_publishers_is_accepted(studio: Studio) -> None:
    attempts = [studio.streams.start(studio.channel.channel_id, studio.secret, each) for each in (OBS, OTHER)]

    results = await asyncio.gather(*attempts, return_exceptions=True)

    assert sorted(isinstance(result, ConflictError) for result in results) == [False, True]


async def test_a_publisher_that_was_just_accepted_is_not_replaced(studio: Studio) -> None:
    await studio.streams.start(studio.channel.channel_id, studio.secret, OBS)
    second = asyncio.create_task(studio.streams.start(studio.channel.channel_id, studio.secret, OTHER))

    await asyncio.sleep(0)
    studio.ingest.connected[studio.channel.channel_id] = OBS.client_id

    with pytest.raises(ConflictError):
        await second


async def test_a_publisher_back_within_the_grace_period_continues_the_stream(studio: Studio) -> None:
    stream = await studio.publish()
    studio.clock.pass_seconds(60)
    await studio.disconnect()
    studio.clock.pass_seconds(19)

    resumed = await studio.publish(BACK)

    assert resumed.stream_id == stream.stream_id
    assert resumed.started_at == stream.started_at
    assert await studio.state() is StreamState.LIVE
    assert await studio.published_types(3) == ["StreamStarted", "StreamUpdated", "StreamUpdated"]
    connected = [event.publisher_connected for event in studio.said if isinstance(event, StreamUpdated)]
    assert connected == [False, True]


async def test_a_publisher_back_after_the_grace_period_starts_a_new_stream(studio: Studio) -> None:
    stream = await studio.publish()
    await studio.disconnect()
    studio.clock.pass_seconds(21)

    assert (await studio.publish(BACK)).stream_id != stream.stream_id
    assert await studio.published_types(4) == ["StreamStarted", "StreamUpdated", "StreamEnded", "StreamStarted"]


async def test_a_publisher_that_the_ingest_lost_without_a_callback_can_return(studio: Studio) -> None:
    stream = await studio.publish()
    studio.ingest.connected.clear()
    studio.clock.pass_seconds(5)

    assert (await studio.publish(BACK)).stream_id == stream.stream_id


async def test_a_client_id_can_be_reused_after_a_restart_of_the_ingest(studio: Studio) -> None:
    stream = await studio.publish()
    studio.ingest.connected.clear()
    studio.clock.pass_seconds(5)

    assert (await studio.publish(OBS)).stream_id == stream.stream_id


async def test_a_publisher_back_after_a_long_outage_starts_a_new_stream(studio: Studio) -> None:
    stream = await studio.publish()
    studio.ingest.connected.clear()
    studio.clock.pass_seconds(8 * 3600)

    assert (await studio.publish(BACK)).stream_id != stream.stream_id


async def test_a_second_publisher_is_refused_while_the_ingest_is_unreachable(studio: Studio) -> None:
    await studio.publish()
    studio.ingest.is_up = False

    with pytest.raises(ConflictError):
        await studio.streams.start(studio.channel.channel_id, studio.secret, OTHER)


async def test_a_lost_publisher_can_return_while_the_ingest_is_unreachable(studio: Studio) -> None:
    stream = await studio.publish()
    studio.ingest.is_up = False
    studio.clock.pass_seconds(16)

    assert (await studio.publish(BACK)).stream_id == stream.stream_id
