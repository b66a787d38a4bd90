"""A TCP port that forwards to another one, like a published port of a container."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress

from tests.rig.ports import HOST


@asynccontextmanager
async def forwarding(
    port: int, target: int, *, refused: bytes = b"\r\n\r\n\r\n", source: str = HOST
) -> AsyncGenerator[None]:
    """Forward connections from ``port`` to ``target`` unchanged, while the block runs.

    Requests whose first bytes contain ``refused`` are not forwarded. ``source`` is the local address of the connections
    to ``target``.
    """
    connections: set[asyncio.Task[None]] = set()

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        task.add_done_callback(connections.discard)
        first = await reader.read(65_536)
        if refused in first:
            writer.close()
            return
        there, back = await asyncio.open_connection(HOST, target, local_addr=(source, 0))
        back.write(first)
        await asyncio.gather(copy(reader, back), copy(there, writer))

    async with await asyncio.start_server(forward, HOST, port):
        yield
        for task in tuple(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


async def copy(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay_seconds: Callable[[], float] = lambda: 0.0
) -> None:
    """Write what is read, each part after the delay at that time, until either side ends the connection."""
    try:
        with suppress(ConnectionError):
            while received := await reader.read(65_536):
                if seconds := delay_seconds():
                    await asyncio.sleep(seconds)
                writer.write(received)
                await writer.drain()
    finally:
        writer.close()
