"""Changes of a channel by its owner."""

from dataclasses import replace

import pytest

from streaming_app.backend.errors import InvalidError, NotFoundError
from streaming_app.backend.events import StreamUpdated
from streaming_app.backend.streams.model import Latency
from tests.unit.streams.conftest import OBS, OWNER, Studio


async def test_the_channel_of_a_user_is_created_once(studio: Studio) -> None:
    assert await studio.channels.get_or_create(OWNER) == studio.channel


async def test_a_channel_is_named_for_its_owner(studio: Studio) -> None:
    assert (studio.channel.slug, studio.channel.name, studio.channel.title) == ("ada", "Ada", "Ada's stream")
    assert await studio.channels.by_slug("ADA") == studio.channel


async def test_an_unknown_slug_is_not_found(studio: Studio) -> None:
    with pytest.raises(NotFoundError):
        await studio.channels.by_slug("nobody")


async def test_the_stream_key_contains_the_channel_id_and_the_secret(studio: Studio) -> None:
    stream_key = await studio.channels.stream_key(OWNER.user_id)

    assert stream_key == f"{studio.channel.channel_id}?key={studio.secret}"


async def test_a_rotated_key_replaces_the_old_one(studio: Studio) -> None:
    old = await studio.channels.stream_key(OWNER.user_id)

    new = await studio.channels.rotate_key(OWNER.user_id)

    assert new != old
    assert await studio.channels.stream_key(OWNER.user_id) == new


async def test_a_new_title_and_category_change_the_running_stream(studio: Studio) -> None:
    stream = await studio.publish()

    channel = await studio.channels.set_title_and_category(OWNER.user_id, " Making  a chair", "Woodwork ")

    assert (channel.title, channel.category) == ("Making a chair", "Woodwork")
    assert await studio.channels.get(channel.channel_id) == channel
    assert await studio.streams.current(channel.channel_id) == replace(
        stream, title="Making a chair", category="Woodwork"
    )
    await studio.published_types(2)
    updated = studio.said[-1]
    assert isinstance(updated, StreamUpdated)
    assert (updated.title, updated.publisher_connected) == ("Making a chair", True)


async def test_a_new_title_and_category_do_not_change_an_ended_stream(studio: Studio) -> None:
    await studio.publish()
    await studio.streams.end(OWNER.user_id)

    await studio.channels.set_title_and_category(OWNER.user_id, "Another title", "")

    assert (await studio.store.streams.latest(studio.channel.channel_id)).title == "Ada's stream"
    assert await studio.published_types(2) == ["StreamStarted", "StreamEnded"]


async def test_an_invalid_title_or_category_changes_nothing(studio: Studio) -> None:
    with pytest.raises(InvalidError):
        await studio.channels.set_title_and_category(OWNER.user_id, " ", "Woodwork")

    assert await studio.channels.get(studio.channel.channel_id) == studio.channel


async def test_a_channel_has_low_delay_until_its_owner_changes_it(studio: Studio) -> None:
    assert studio.channel.latency is Latency.LOW

    channel = await studio.channels.set_latency(OWNER.user_id, "realtime")

    assert channel.latency is Latency.REALTIME
    assert await studio.channels.get(channel.channel_id) == channel


@pytest.mark.parametrize("latency", ["", "LOW", "fast", "low\n"])
async def test_an_unknown_delay_changes_nothing(studio: Studio, latency: str) -> None:
    with pytest.raises(InvalidError, match="realtime, low, normal") as refused:
        await studio.channels.set_latency(OWNER.user_id, latency)

    assert refused.value.field == "latency"
    assert await studio.channels.get(studio.channel.channel_id) == studio.channel


async def test_changing_the_title_keeps_the_publisher_of_a_stream(studio: Studio) -> None:
    await studio.publish()

    await studio.channels.set_title_and_category(OWNER.user_id, "Another title", "")

    current = await studio.streams.current(studio.channel.channel_id)
    assert current is not None
    assert current.publisher == OBS
