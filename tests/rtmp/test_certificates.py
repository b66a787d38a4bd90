"""A renewed certificate: the front door is reloaded during a live stream, without an interruption."""

import asyncio
import signal
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streaming_app.backend.adapters.nginx_conf import prefix_of
from streaming_app.backend.streams.model import StreamState
from tests.rig.certificates import self_signed
from tests.rig.conditions import until, until_async
from tests.rig.crowd import websockets_held
from tests.rig.nginx import is_running, nginx_processes, nginx_settings
from tests.rig.ports import HOST
from tests.rtmp.conftest import Ingest, Owner, running_ingest


@pytest.fixture
async def ingest(tmp_path: Path) -> AsyncIterator[Ingest]:
    certificate, key = self_signed(tmp_path)
    settings = nginx_settings(
        tmp_path,
        reconnect_grace=6,
        publisher_timeout=8,
        thumbnail_interval=1,
        tls_certificate=certificate,
        tls_key=key,
        public_url="https://localhost",
    )
    async with running_ingest(settings, tmp_path) as ingest:
        yield ingest


async def test_a_reload_uses_the_new_certificate_and_keeps_connections(
    ingest: Ingest, ada: Owner, tmp_path: Path
) -> None:
    settings = ingest.settings
    async with ingest.web(), websockets_held(settings.feed_port):
        encoder = ingest.publish(ada.stream_key)
        await ingest.until_state(ada, StreamState.LIVE)
        segments = settings.data_dir / "hls" / ada.channel.channel_id
        await until(lambda: len(list(segments.glob("*.ts"))) >= 2, "there was video")
        stream_id = await ingest.stream_id(ada)
        publishers = await ingest.backend.ingest.publishers()
        reader, writer = await _websocket(ingest)
        front = nginx_processes(settings, "front")
        old = await _certificate(ingest)

        await asyncio.to_thread(self_signed, tmp_path)
        assert front["master"].pid == int((prefix_of(settings, "front") / "nginx.pid").read_text())
        front["master"].send_signal(signal.SIGHUP)

        async def has_new_certificate() -> bool:
            return await _certificate(ingest) != old

        await until_async(has_new_certificate, "new visitors got the new certificate")
        writer.write(b"still here")
        assert await reader.readexactly(10) == b"still here"
        written = set(segments.glob("*.ts"))
        await until(lambda: len(set(segments.glob("*.ts")) - written) >= 8, "video went on")
        assert await ingest.backend.ingest.publishers() == publishers
        assert await ingest.state(ada) is StreamState.LIVE
        assert await ingest.stream_id(ada) == stream_id
        assert encoder.exit_code is None
        assert is_running(front["worker"])

        writer.transport.abort()
        await until(lambda: not is_running(front["worker"]), "the old worker had ended, for nobody needed it")
        assert is_running(front["master"])


async def _websocket(ingest: Ingest) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await _connect(ingest)
    writer.write(b"GET /feed/c1 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def _certificate(ingest: Ingest) -> bytes | None:
    _, writer = await _connect(ingest)
    connection: ssl.SSLObject = writer.get_extra_info("ssl_object")
    writer.transport.abort()
    return connection.getpeercert(binary_form=True)


async def _connect(ingest: Ingest) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    anyone = ssl.create_default_context()
    anyone.check_hostname = False
    anyone.verify_mode = ssl.CERT_NONE
    return await asyncio.open_connection(HOST, ingest.settings.https_port, ssl=anyone)
