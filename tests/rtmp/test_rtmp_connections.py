"""Where the two nginx are reached: over both families, and each without the other."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streaming_app.backend.streams.model import StreamState
from tests.rig import ffmpeg
from tests.rig.nginx import nginx_settings, running_front
from tests.rig.ports import HOST
from tests.rtmp.conftest import Ingest
from tests.rtmp.conftest import running_ingest as running_site

ADDRESSES = ["127.0.0.1", "::1"]


@pytest.fixture
async def open_site(tmp_path: Path) -> AsyncIterator[Ingest]:
    """A site that listens where it does by default: everywhere."""
    async with running_site(nginx_settings(tmp_path, bind_host="::", reconnect_grace=6), tmp_path) as site:
        yield site


@pytest.mark.parametrize("address", ADDRESSES)
async def test_encoders_and_viewers_come_by_either_family(open_site: Ingest, tmp_path: Path, address: str) -> None:
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
