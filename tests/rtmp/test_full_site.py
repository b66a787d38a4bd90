"""More viewers than the site has room for: they get an error, and streams continue."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streaming_app.backend.streams.model import StreamState
from tests.rig.conditions import until_async
from tests.rig.crowd import Crowd, websockets_held
from tests.rig.nginx import nginx_settings
from tests.rig.serving import mute
from tests.rtmp.conftest import Ingest, Owner, running_ingest

VIEWERS_MAX = 20
CROWD = 300


@pytest.fixture
async def ingest(tmp_path: Path) -> AsyncIterator[Ingest]:
    """A site with room for few viewers."""
    settings = nginx_settings(
        tmp_path, reconnect_grace=6, publisher_timeout=8, thumbnail_interval=1, feed_max_connections=VIEWERS_MAX
    )
    async with running_ingest(settings, tmp_path) as ingest:
        yield ingest


async def test_a_full_site_refuses_visitors_and_its_streams_continue(ingest: Ingest, ada: Owner) -> None:
    async with ingest.web(), websockets_held(ingest.settings.feed_port), Crowd(ingest.settings) as crowd:
        encoder = ingest.publish(ada.stream_key)
        await ingest.until_video(ada)
        stream_id = await ingest.stream_id(ada)
        before = await ingest.playlist(ada)

        answers = [await crowd.open(f"/feed/c{i}", f"192.0.2.{i % 250}") for i in range(CROWD)]
        home, api = await ingest.browser.get("/"), await ingest.browser.get("/api/channels/live")
        shown = await ingest.shown()
        await ingest.until_video(ada, newer_than=before, count=8)

        assert set(answers) == {101, 503}
        assert answers.count(101) >= 2 * VIEWERS_MAX, "each viewer has two"
        assert home.status_code == 503
        assert "The site is full" in home.text
        assert home.headers["retry-after"] == "10"
        assert api.status_code == 200, "what needs no websocket is answered"
        assert ada.channel.channel_id in shown
        assert encoder.exit_code is None
        assert await ingest.state(ada) is StreamState.LIVE
        assert await ingest.stream_id(ada) == stream_id

        crowd.leave()

        async def has_room() -> bool:
            return (await ingest.browser.get("/")).status_code != 503

        await until_async(has_room, "there was room again")


async def test_blocking_video_requests_leave_connections_for_websockets(ingest: Ingest) -> None:
    async with mute(ingest.settings.packager_port), Crowd(ingest.settings) as crowd:
        waiting = [
            asyncio.create_task(crowd.open("/ll/c1/source/index.m3u8?_HLS_msn=9", f"192.0.2.{i}"))
            for i in range(2 * VIEWERS_MAX)
        ]
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)

        assert {task.result() for task in done} == {503}
        async with websockets_held(ingest.settings.feed_port):
            assert await crowd.open("/feed/c1") == 101
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
