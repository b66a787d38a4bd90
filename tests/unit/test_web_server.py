"""The web server uvicorn, started as the supervisor does."""

import asyncio
import base64
import os
import signal
import socket
import sys
from pathlib import Path

import httpx
import psutil
import pytest

from streaming_app.backend.adapters.nginx_addresses import listen_addresses
from streaming_app.backend.config import Settings
from streaming_app.backend.supervisor.programs import REFLEX_SERVES_THE_BUILD, WEB, web_command
from streaming_app.state.event_frame_validation import FRAME_MAX
from tests.rig.conditions import until
from tests.rig.ports import HOST, free_port, is_open
from tests.rig.processes import Process
from tests.rig.site import ROOT

SOCKETS = 300
NGINX_LINE_MAX = 16 * 1024 - len("Cookie: \r\n")
APP = """
async def app(scope, receive, send):
    while True:
        said = await receive()
        match said["type"]:
            case "lifespan.startup" | "lifespan.shutdown":
                await send({"type": said["type"] + ".complete"})
            case "websocket.connect":
                await send({"type": "websocket.accept"})
            case "websocket.disconnect":
                return

def make():
    return app
"""

DRAINED_APP = """
import asyncio
from streaming_app.backend.adapters.process_signals import drain_event

async def app(scope, receive, send):
    global draining
    if scope["type"] == "lifespan":
        await receive()
        draining = drain_event()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        print("last", flush=True)
        await send({"type": "lifespan.shutdown.complete"})
        return
    print("request", flush=True)
    await draining.wait()
    print("draining", flush=True)
    while not open("may-end").read():
        await asyncio.sleep(0.05)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"complete"})

def make():
    return app
"""


async def test_a_draining_server_refuses_new_requests_and_ends_running_ones(tmp_path: Path) -> None:
    (tmp_path / "drained.py").write_text(DRAINED_APP)
    may_end = tmp_path / "may-end"
    may_end.touch()
    port = free_port()
    command = [sys.executable, *WEB, "--port", str(port), "drained:make"]
    paths = {"PYTHONPATH": str(ROOT)}
    server = Process("uvicorn", command, tmp_path / "uvicorn.log", environment=paths, folder=tmp_path)
    try:
        server.wait_until_listening(port)
        async with httpx.AsyncClient(base_url=f"http://{HOST}:{port}", trust_env=False) as client:
            running = asyncio.create_task(client.get("/", timeout=60))
            await asyncio.to_thread(server.wait_until_said, "request")

            server.signal(signal.SIGTERM)
            await asyncio.to_thread(server.wait_until_said, "draining")
            await until(lambda: not is_open(port), "the server refused connections")
            assert not running.done()
            may_end.write_text("yes")

            assert (await running).text == "complete"
        assert await asyncio.to_thread(server.wait_until_ended) == 0
    finally:
        server.stop()
    assert server.output().split() == ["request", "draining", "last"]


async def test_the_server_stops_cleanly_while_websockets_are_open(tmp_path: Path) -> None:
    (tmp_path / "sockets.py").write_text(APP)
    port = free_port()
    command = [sys.executable, *WEB, "--port", str(port), "sockets:make"]
    server = Process("uvicorn", command, tmp_path / "uvicorn.log", folder=tmp_path)
    try:
        server.wait_until_listening(port)
        writers = [await _open_websocket(port) for _ in range(SOCKETS)]

        await asyncio.to_thread(server.stop)

        for writer in writers:
            writer.close()
    finally:
        server.stop()
    assert server.exit_code == -signal.SIGTERM
    assert server.output() == ""


async def test_a_websocket_with_many_cookies_is_accepted_by_the_only_process(tmp_path: Path) -> None:
    (tmp_path / "sockets.py").write_text(APP)
    port = free_port()
    command = [sys.executable, *WEB, "--port", str(port), "sockets:make"]
    environment = {**REFLEX_SERVES_THE_BUILD, "WEB_CONCURRENCY": "3"}
    server = Process("uvicorn", command, tmp_path / "uvicorn.log", environment=environment, folder=tmp_path)
    try:
        server.wait_until_listening(port)
        writer = await _open_websocket(port, f"Cookie: {'c' * NGINX_LINE_MAX}\r\n")
        writer.close()
        assert psutil.Process(server.pid).children() == []
    finally:
        server.stop()


def test_the_server_accepts_all_frames_that_the_application_checks() -> None:
    assert int(WEB[WEB.index("--ws-max-size") + 1]) > FRAME_MAX


async def _open_websocket(port: int, header: str = "") -> asyncio.StreamWriter:
    reader, writer = await asyncio.open_connection(HOST, port)
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(
        f"GET / HTTP/1.1\r\nHost: {HOST}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n{header}\r\n".encode()
    )
    assert b"101" in await reader.readline()
    return writer


@pytest.mark.parametrize("bind_host", ["::", "0.0.0.0"])  # noqa: S104 - what is tested
def test_the_web_process_listens_on_the_addresses_that_it_should(tmp_path: Path, bind_host: str) -> None:
    (tmp_path / "served.py").write_text(APP, encoding="utf-8")
    settings = Settings(data_dir=tmp_path, internal_bind_host=bind_host, web_port=free_port())
    command = [*web_command(settings)[:-1], "served:make"]
    process = Process("uvicorn", command, tmp_path / "uvicorn.log", folder=tmp_path)
    try:
        process.wait_until_listening(settings.web_port)

        for host in ("127.0.0.1", "::1")[: len(listen_addresses(bind_host))]:
            socket.create_connection((host, settings.web_port), 10).close()
    finally:
        process.stop()
