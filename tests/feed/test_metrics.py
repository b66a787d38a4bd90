"""The metrics of the feed."""

from collections.abc import AsyncIterator

import pytest

from streaming_app.backend.adapters.metrics.endpoint import serving_metrics
from streaming_app.backend.network_settings import METRICS_PORTS
from streaming_app.backend.streams.model import Publisher
from tests.feed.conftest import Site, new_user
from tests.rig.conditions import until, until_async
from tests.rig.feed_client import connected
from tests.rig.metrics import Growth, scrape_in_thread
from tests.rig.ports import free_ports, is_open


@pytest.fixture
async def metrics_port(site: Site) -> AsyncIterator[int]:
    port = free_ports(METRICS_PORTS)
    async with serving_metrics(site.backend.settings.model_copy(update={"metrics_port": port}), "web"):
        await until(lambda: is_open(port), "the endpoint listened")
        yield port


async def test_connections_and_viewers_are_measured(site: Site, channel_id: str, metrics_port: int) -> None:
    async with (
        connected(site.port, f"/feed/{channel_id}") as viewer,
        connected(site.port, f"/feed/{channel_id}") as another,
        connected(site.port, "/feed/"),
    ):
        await viewer.until(lambda: viewer.viewers == 2)
        await another.until(lambda: another.viewers == 2)
        during = await scrape_in_thread(metrics_port)

    async def has_none() -> bool:
        return (await scrape_in_thread(metrics_port)).get("feed_connections") == 0

    await until_async(has_none, "all connections were closed")
    assert (during.get("feed_connections"), during.get("channel_viewers")) == (3, 2)


async def test_live_streams_are_measured(site: Site, metrics_port: int) -> None:
    user = await new_user(site.backend)
    channel_id = (await site.backend.channels.get_or_create(user)).channel_id
    key = (await site.backend.channels.stream_key(user.user_id)).partition("=")[2]

    async def live() -> float | None:
        return (await scrape_in_thread(metrics_port)).get("live_streams")

    assert await live() == 0
    await site.backend.streams.start(channel_id, key, Publisher("1", "", ""))

    async def is_live() -> bool:
        return await live() == 1

    await until_async(is_live, "the stream was live")


async def test_the_delivery_of_a_message_is_measured_once_for_all_viewers(site: Site, channel_id: str) -> None:
    growth = Growth()

    async with connected(site.port, f"/feed/{channel_id}") as one, connected(site.port, f"/feed/{channel_id}") as two:
        await site.say(channel_id, "hello")
        await one.until(lambda: one.texts)
        await two.until(lambda: two.texts)

    assert growth.of("chat_delivery_seconds_count") == 1
