"""An ASGI application on a port, served by the test's own event loop. It can be stopped and started again."""

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn

from tests.rig.conditions import until
from tests.rig.ports import HOST

Application = Any
"""An ASGI application. Each framework has types of its own for it."""


@asynccontextmanager
async def serving(application: Application, port: int, host: str = HOST) -> AsyncGenerator[None]:
    """Serve the application while the block runs."""
    server = _server(application, port, host)
    task = asyncio.create_task(server.serve())
    try:
        await until(lambda: server.started, "the application was served")
        yield
    finally:
        server.should_exit = True
        await task


@contextmanager
def serving_in_thread(application: Application, port: int) -> Generator[None]:
    """Serve the application from a thread while the block runs, for fixtures that outlive the event loop of a test."""
    server = _server(application, port)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the application was not served"
            time.sleep(0.02)
        yield
    finally:
        server.should_exit = True
        thread.join()


def _server(application: Application, port: int, host: str = HOST) -> uvicorn.Server:
    config = uvicorn.Config(
        application, host=host, port=port, lifespan="off", log_config=None, proxy_headers=False, ws="none"
    )
    return uvicorn.Server(config)


@asynccontextmanager
async def mute(port: int) -> AsyncGenerator[None]:
    """Run a server that accepts connections and never answers, like a process that hangs."""

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.read(4096):
                pass
        finally:
            writer.close()

    server = await asyncio.start_server(listen, HOST, port)
    try:
        yield
    finally:
        server.close()
