"""Several web processes on Kafka, each with a feed. Viewers switch between them without a difference."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from streaming_app.backend.adapters.kafka import make_topics, open_bus
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.events import CHAT_TOPIC
from tests.feed.conftest import Site, open_site
from tests.rig.feed_client import connected, reconnect_until
from tests.rig.kafka import Kafka

MESSAGES = 300


@pytest.fixture
async def sites(backend: Backend, kafka: Kafka, topic_prefix: str) -> AsyncIterator[list[Site]]:
    """Two processes with one store and one broker, and an archiver with a bus of its own."""
    await make_topics(kafka.bootstrap_servers, topic_prefix, partitions=2, replication=1)
    async with AsyncExitStack() as stack:
        buses = [await stack.enter_async_context(open_bus(kafka.bootstrap_servers, topic_prefix)) for _ in range(3)]
        await stack.enter_async_context(
            buses[0].subscribe([CHAT_TOPIC], backend.chat_archiver.handle, group="chat-archiver")
        )
        yield [await stack.enter_async_context(open_site(replace(backend, bus=bus))) for bus in buses[1:]]


async def test_messages_of_one_process_are_sent_by_all(sites: list[Site]) -> None:
    one, other = sites
    channel_id = await one.new_channel()

    async with (
        connected(one.port, f"/feed/{channel_id}") as here,
        connected(other.port, f"/feed/{channel_id}") as there,
    ):
        await one.say(channel_id, "hello")
        await other.say(channel_id, "everyone")
        await here.until(lambda: len(here.messages) == 2)
        await there.until(lambda: len(there.messages) == 2)

    assert here.messages == there.messages
    assert here.texts == ["hello", "everyone"]


async def test_viewers_who_move_between_processes_see_every_message_once_and_in_order(sites: list[Site]) -> None:
    channel_id = await sites[0].new_channel()
    ports, last = [site.port for site in sites], str(MESSAGES - 1)
    viewers = [asyncio.create_task(reconnect_until(last, ports, channel_id, seed)) for seed in range(8)]

    for number in range(MESSAGES):
        await sites[number % 2].say(channel_id, str(number))

    for viewer in await asyncio.gather(*viewers):
        assert viewer.texts == [str(number) for number in range(int(viewer.texts[0]), MESSAGES)]


async def test_a_process_that_starts_while_the_archive_lags_skips_no_message(
    backend: Backend, kafka: Kafka, topic_prefix: str
) -> None:
    await make_topics(kafka.bootstrap_servers, topic_prefix, partitions=2, replication=1)
    async with open_bus(kafka.bootstrap_servers, topic_prefix) as bus:  # without an archiver
        backend = replace(backend, bus=bus)
        async with open_site(backend) as before:
            channel_id = await before.new_channel()
            async with connected(before.port, f"/feed/{channel_id}") as viewer:
                await before.say(channel_id, "seen")
                await viewer.until(lambda: len(viewer.messages) == 1)
            cursor = viewer.messages[0]["cursor"]
            await before.say(channel_id, "missed")
        async with (
            open_site(backend) as after,
            connected(after.port, f"/feed/{channel_id}?after={cursor}") as viewer,
        ):
            await after.say(channel_id, "next")
            await viewer.until(lambda: len(viewer.messages) == 2)

    assert viewer.texts == ["missed", "next"]


async def test_viewers_of_all_processes_are_summed(sites: list[Site]) -> None:
    one, other = sites
    channel_id = await one.new_channel()

    async with (
        connected(one.port, f"/feed/{channel_id}") as here,
        connected(other.port, f"/feed/{channel_id}") as there,
    ):
        await here.until(lambda: here.viewers == 2)
        await there.until(lambda: there.viewers == 2)
