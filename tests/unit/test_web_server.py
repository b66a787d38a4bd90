"""The web server Granian, started as the supervisor does."""

import asyncio
import base64
import os
import sys
from pathlib import Path

from streaming_app.backend.supervisor.programs import WEB
from tests.rig.ports import HOST, free_port
from tests.rig.processes import Process

SOCKETS = 300
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


async def test_the_server_stops_cleanly_while_websockets_are_open(tmp_path: Path) -> None:
    (tmp_path / "sockets.py").write_text(APP)
    port = free_port()
    command = [sys.executable, *WEB, "--port", str(port), "sockets:make"]
    server = Process("granian", command, tmp_path / "granian.log", folder=tmp_path)
    try:
        server.wait_until_listening(port)
        writers = [await _open_websocket(port) for _ in range(SOCKETS)]

        await asyncio.to_thread(server.stop)

        for writer in writers:
            writer.close()
    finally:
        server.stop()
    assert server.exit_code == 0
    assert "panicked" not in server.output()


async def _open_websocket(port: int) -> asyncio.StreamWriter:
    reader, writer = await asyncio.open_connection(HOST, port)
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(
        f"GET / HTTP/1.1\r\nHost: {HOST}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
    )
    assert b"101" in await reader.readline()
    return writer
