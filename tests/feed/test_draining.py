"""A feed that stops disconnects its viewers one after another if other feeds may take them, otherwise at once."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from picows import WSCloseCode

from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.config import Settings
from streaming_app.backend.feed.server import open_feed
from tests.feed.conftest import QUICK, Site
from tests.rig.conditions import until
from tests.rig.feed_client import FeedClient, connect, leave
from tests.rig.ports import free_port

VIEWERS = 20
FOR_EVER = 3600.0
OTHERS = "redis://127.0.0.1:1"
"""Sites with several web processes have a Redis."""


@asynccontextmanager
async def _stopping_site(
    backend: Backend, drain_seconds: float, **changes: object
) -> AsyncGenerator[tuple[Site, asyncio.Event]]:
    """Run a feed that stops when the event is set."""
    values = {**backend.settings.model_dump(), "feed_port": free_port(), **changes}
    process = replace(backend, settings=Settings.model_validate(values))
    stopping = asyncio.Event()
    async with open_feed(process, replace(QUICK, drain=drain_seconds), stopping=stopping):
        yield Site(process, process.settings.feed_port), stopping


def _gone(viewers: list[FeedClient]) -> int:
    return sum(viewer.is_disconnected for viewer in viewers)


@pytest.mark.parametrize("others", [{"redis_url": OTHERS}, {"feed_upstreams": "127.0.0.1:1,127.0.0.1:2"}])
async def test_a_stopping_feed_accepts_nobody_and_disconnects_viewers_one_after_another(
    backend: Backend, others: dict[str, str]
) -> None:
    async with _stopping_site(backend, 4.0, **others) as (site, stopping):
        channel_id = await site.new_channel()
        viewers = [await connect(site.port, f"/feed/{channel_id}") for _ in range(VIEWERS)]

        stopping.set()
        await until(lambda: 0 < _gone(viewers) < VIEWERS, "some viewers were gone")
        with pytest.raises(ConnectionRefusedError):
            await connect(site.port, f"/feed/{channel_id}")
        await site.say(channel_id, "hello")
        await until(lambda: any(viewer.texts for viewer in viewers), "one who was still there read a message")

    assert {viewer.close_code for viewer in viewers} == {WSCloseCode.GOING_AWAY}
    assert any(not viewer.texts for viewer in viewers)


async def test_messages_during_the_draining_are_read_after_reconnecting_elsewhere(backend: Backend) -> None:
    async with (
        _stopping_site(backend, 1.0, redis_url=OTHERS) as (one, stopping),
        _stopping_site(backend, 0.0) as (other, _),
    ):
        channel_id = await one.new_channel()
        viewers = [await connect(one.port, f"/feed/{channel_id}") for _ in range(VIEWERS)]
        await one.say(channel_id, "before")
        await until(lambda: all(viewer.texts for viewer in viewers), "all had read the first message")

        stopping.set()
        await until(lambda: _gone(viewers) > 0, "the first viewer was gone")
        await one.say(channel_id, "meanwhile")
        await until(lambda: _gone(viewers) == VIEWERS, "all viewers were gone")
        again = [await _reconnect(other.port, channel_id, viewer) for viewer in viewers]
        await other.say(channel_id, "afterwards")
        await until(lambda: all("afterwards" in viewer.texts for viewer in again), "all had read the last message")

        assert all(viewer.welcome["resumed"] for viewer in again)
        assert {tuple(viewer.texts) for viewer in again} == {("before", "meanwhile", "afterwards")}
        for viewer in again:
            await leave(viewer)


async def test_a_feed_without_others_disconnects_all_viewers_at_once(backend: Backend) -> None:
    async with _stopping_site(backend, FOR_EVER) as (site, stopping):
        viewers = [await connect(site.port, "/feed/") for _ in range(VIEWERS)]
        stopping.set()

    await until(lambda: _gone(viewers) == VIEWERS, "all viewers were gone")


async def _reconnect(port: int, channel_id: str, viewer: FeedClient) -> FeedClient:
    target = f"/feed/{channel_id}?after={viewer.messages[-1]['cursor']}"
    return await connect(port, target, client=FeedClient(viewer.messages))
