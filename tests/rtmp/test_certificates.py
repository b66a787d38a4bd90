"""Certificates: encoders that publish over TLS, and a renewal during a live stream, without an interruption."""

import asyncio
import signal
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import pytest

from streaming_app.backend.adapters.nginx_conf import prefix_of
from streaming_app.backend.streams.model import StreamState
from tests.rig import ffmpeg
from tests.rig.certificates import accepts_all, certificate_at, renewed
from tests.rig.conditions import until, until_async
from tests.rig.crowd import websockets_held
from tests.rig.nginx import is_running, nginx_processes
from tests.rig.ports import HOST
from tests.rig.rtmp_publisher import connected
from tests.rtmp.conftest import Ingest


async def test_a_reload_uses_the_new_certificate_and_keeps_connections(secure_ingest: Ingest, tmp_path: Path) -> None:
    ingest, settings = secure_ingest, secure_ingest.settings
    ada = await ingest.new_owner("Ada")
    async with ingest.web(), websockets_held(settings.feed_port):
        encoder = ingest.publish(ada.stream_key)
        await ingest.until_state(ada, StreamState.LIVE)
        segments = settings.data_dir / "hls" / ada.channel.channel_id
        await until(lambda: len(list(segments.glob("*.ts"))) >= 2, "there was video")
        stream_id = await ingest.stream_id(ada)
        publishers = await ingest.backend.ingest.publishers()
        reader, writer = await _websocket(ingest)
        front = nginx_processes(settings, "front")
        old = await certificate_at(HOST, settings.https_port)

        await asyncio.to_thread(renewed, tmp_path)
        assert front["master"].pid == int((prefix_of(settings, "front") / "nginx.pid").read_text())
        front["master"].send_signal(signal.SIGHUP)

        async def has_new_certificate() -> bool:
            return await certificate_at(HOST, settings.https_port) != old

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
    reader, writer = await asyncio.open_connection(HOST, ingest.settings.https_port, ssl=accepts_all())
    writer.write(b"GET /feed/c1 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def test_a_stream_over_tls_continues_and_new_encoders_get_the_new_certificate_without_a_reload(
    secure_ingest: Ingest, tmp_path: Path
) -> None:
    ingest, settings = secure_ingest, secure_ingest.settings
    ada = await ingest.new_owner("Ada")
    async with ingest.web():
        url = f"rtmps://{HOST}:{settings.rtmps_port}/live/{ada.stream_key}"
        with ffmpeg.publishing(url, tmp_path / "ffmpeg.log") as encoder:
            await ingest.until_state(ada, StreamState.LIVE)
            segments = settings.data_dir / "hls" / ada.channel.channel_id
            await until(lambda: len(list(segments.glob("*.ts"))) >= 2, "there was video")
            old = await certificate_at(HOST, settings.rtmps_port)

            await asyncio.to_thread(renewed, tmp_path)

            assert await certificate_at(HOST, settings.rtmps_port) != old
            async with connected(settings.rtmps_port, tls=accepts_all()):
                written = set(segments.glob("*.ts"))
                await until(lambda: len(set(segments.glob("*.ts")) - written) >= 3, "video went on")
            assert encoder.exit_code is None


async def test_the_site_counts_encoders_over_tls_by_their_own_address(secure_ingest: Ingest) -> None:
    ingest, settings = secure_ingest, secure_ingest.settings
    ada = await ingest.new_owner("Ada")
    publisher = partial(connected, settings.rtmps_port, address="127.0.0.4", tls=accepts_all())
    async with ingest.web(), AsyncExitStack() as held:
        owner = await held.enter_async_context(publisher())
        owner.publish(ada.stream_key)
        assert await owner.accepted()
        stream = await ingest.backend.store.streams.latest(ada.channel.channel_id)
        for _ in range(settings.rtmp_connections_per_address - 1):
            await held.enter_async_context(publisher())

        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await held.enter_async_context(publisher())
        await held.enter_async_context(connected(settings.rtmps_port, address="127.0.0.5", tls=accepts_all()))

    assert stream.publisher.address == "127.0.0.4"
