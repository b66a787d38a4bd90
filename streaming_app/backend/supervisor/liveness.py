"""Whether a program still answers. Only rounds are counted: neither a clock change nor a suspended machine matters."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import uuid4

ROUND_SECONDS = 3.0
ROUNDS = 5
UNRESPONSIVE_SECONDS = ROUND_SECONDS * ROUNDS
"""A program that has not answered for so long has hung. One that is only slow answers within this."""
RETRY_SECONDS = 0.1
"""Between two questions to a program that is starting."""

HealthCheck = Callable[[], Awaitable[None]]
"""Returns when the program has answered; raises ``OSError`` when it cannot be asked."""


async def check_http(host: str, port: int, path: str) -> None:
    """Get any HTTP answer, be it an error status; raises ``OSError`` without one."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        if not (await reader.readline()).startswith(b"HTTP/"):
            raise ConnectionResetError
    finally:
        writer.close()


async def wait_until_healthy(ask: HealthCheck) -> None:
    """Return when a program that is starting has answered for the first time."""
    while True:
        if await _failure(ask) is None:
            return
        await asyncio.sleep(RETRY_SECONDS)


async def wait_until_unresponsive(ask: HealthCheck) -> None:
    """Return when a program has not answered for ``SILENT_SECONDS``; each question waits for its answer so long."""
    silent = 0
    asking: asyncio.Task[BaseException | None] | None = None
    try:
        while silent < ROUNDS:
            asking = asking or asyncio.create_task(_failure(ask))
            await asyncio.sleep(ROUND_SECONDS)
            silent += 1
            if asking.done():
                silent = 0 if _is_alive(asking.result()) else silent
                asking = None
    finally:
        if asking:
            asking.cancel()


async def _failure(ask: HealthCheck) -> BaseException | None:
    [failure] = await asyncio.gather(ask(), return_exceptions=True)
    return failure


def _is_alive(failure: BaseException | None) -> bool:
    """A server that has all the connections it may have closes new ones at once, which is an answer, too."""
    return failure is None or isinstance(failure, ConnectionResetError)


class WatchdogSocket(asyncio.DatagramProtocol):
    """Receives what a program says through ``adapters.sd_notify``."""

    def __init__(self) -> None:
        self.address = f"@streaming_app-{uuid4().hex}"
        """What the program is given as NOTIFY_SOCKET."""
        self._received = asyncio.Event()

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002 - that it came is all that counts
        self._received.set()

    async def wait_for_notification(self) -> None:
        """Return at the program's next sign of life."""
        self._received.clear()
        await self._received.wait()

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator[None]:
        """Receive while the context is open."""
        receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        receiver.bind(self.address.replace("@", "\0", 1))
        receiver.settimeout(0)
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, sock=receiver)
        try:
            yield
        finally:
            transport.close()
