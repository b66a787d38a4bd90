"""Websockets that stay open at the front door, and a server behind it that accepts them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

from streaming_app.backend.config import Settings
from tests.rig.ports import HOST

UPGRADED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"


class Crowd:
    """Websocket connections that stay open until the block ends."""

    def __init__(self, settings: Settings) -> None:
        self._port = settings.http_port
        self._open: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.leave()

    async def open(self, path: str, address: str = "192.0.2.1") -> int:
        """Open one more connection, as a proxy would for ``address``, and return the status of the answer."""
        reader, writer = await asyncio.open_connection(HOST, self._port)
        self._open.append(writer)
        lines = [f"GET {path} HTTP/1.1", "Host: x", "Upgrade: websocket", "Connection: Upgrade"]
        writer.write("\r\n".join([*lines, f"X-Forwarded-For: {address}", "", ""]).encode())
        return int((await reader.readline()).split()[1])

    def leave(self) -> None:
        """Close all connections."""
        for writer in self._open:
            writer.close()
        self._open.clear()


@asynccontextmanager
async def websockets_held(port: int) -> AsyncGenerator[None]:
    """Run a server that accepts every websocket and then echoes what it receives, while the block runs."""
    writers: list[asyncio.StreamWriter] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(UPGRADED)
        while received := await reader.read(4096):
            writer.write(received)
        writer.close()

    async with await asyncio.start_server(answer, HOST, port, backlog=1024):
        yield
        for writer in writers:
            writer.close()
