"""Addresses of the two nginx: IPv4 and IPv6, each nginx alone, and limits for each client address."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from streaming_app.backend.events import VIEWS_TOPIC
from streaming_app.backend.streams.model import StreamState
from tests.rig import ffmpeg
from tests.rig.conditions import until
from tests.rig.nginx import nginx_settings, running_front, running_ingest
from tests.rig.ports import HOST
from tests.rig.rtmp_publisher import connected
from tests.rtmp.conftest import Ingest, Owner
from tests.rtmp.conftest import running_ingest as running_site

ADDRESSES = ["127.0.0.1", "::1"]


@pytest.fixture
async def open_site(tmp_path: Path) -> AsyncIterator[Ingest]:
    """A site with the default addresses, which are all addresses."""
    async with running_site(nginx_settings(tmp_path, bind_host="::", reconnect_grace=6), tmp_path) as site:
        yield site


@pytest.mark.parametrize("address", ADDRESSES)
async def test_encoders_and_viewers_can_use_ipv4_and_ipv6(open_site: Ingest, tmp_path: Path, address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    ada = await open_site.new_owner("Ada")
    url = f"rtmp://{host}:{open_site.settings.rtmp_port}/live/{ada.stream_key}"
    async with open_site.web():
        with ffmpeg.publishing(url, tmp_path / "ffmpeg.log"):
            await open_site.until_state(ada, StreamState.LIVE)
            await open_site.until_video(ada)
            reader, writer = await asyncio.open_connection(address, open_site.settings.http_port)
            writer.write(f"GET /hls/{ada.channel.channel_id}/index.m3u8 HTTP/1.0\r\n\r\n".encode())

            assert b" 200 " in await reader.readline()
            writer.close()


async def test_the_front_door_runs_without_the_ingest(tmp_path: Path) -> None:
    settings = nginx_settings(tmp_path)
    with running_front(settings):
        reader, writer = await asyncio.open_connection(HOST, settings.http_port)
        writer.write(b"GET /rtmp/ HTTP/1.0\r\n\r\n")

        assert b" 404 " in await reader.readline()
        writer.close()


@pytest.mark.parametrize("limited", [True, False])
async def test_one_address_cannot_use_every_connection_of_the_rtmp_port(tmp_path: Path, *, limited: bool) -> None:
    proxies = "none" if limited else "127.0.0.1/32"
    settings = nginx_settings(tmp_path, trusted_proxies=proxies, rtmp_connections_per_address=3)
    with running_ingest(settings):
        async with AsyncExitStack() as held:
            for _ in range(3):
                await held.enter_async_context(connected(settings.rtmp_port))

            assert await _is_accepted(settings.rtmp_port, HOST) is not limited
            assert await _is_accepted(settings.rtmp_port, "127.0.0.2")


async def _is_accepted(port: int, address: str) -> bool:
    """Whether nginx-rtmp does the handshake with one more encoder from this address."""
    try:
        async with connected(port, address=address):
            return True
    except (ConnectionError, asyncio.IncompleteReadError):
        return False


async def test_the_site_gets_the_address_of_the_encoder(ingest: Ingest, ada: Owner) -> None:
    port = ingest.settings.rtmp_port
    refusals = ingest.backend.refused_publishers
    async with (
        ingest.web(),
        ingest.backend.bus.subscribe([VIEWS_TOPIC], refusals.handle),
        connected(port, address="127.0.0.3") as stranger,
        connected(port, address="127.0.0.4") as owner,
    ):
        stranger.publish(f"{ada.channel.channel_id}?key=wrong")
        await until(lambda: bool(refusals.newest(ada.channel.channel_id)), "the refusal was heard of")
        owner.publish(ada.stream_key)
        assert await owner.accepted()
        stream = await ingest.backend.store.streams.latest(ada.channel.channel_id)
        shown = await ingest.shown()

    assert [refusal.address for refusal in refusals.newest(ada.channel.channel_id)] == ["127.0.0.3"]
    assert stream.publisher.address == "127.0.0.4"
    assert "<address>127.0.0.4</address>" in shown
