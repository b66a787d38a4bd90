"""Checks whether a program responds. It counts rounds, so neither clock changes nor a suspended machine matter."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import uuid4

from streaming_app.backend.periodic import failure_of

ROUND_SECONDS = 3.0
ROUNDS = 5
UNRESPONSIVE_SECONDS = ROUND_SECONDS * ROUNDS
"""A program that has not responded for this time has hung. A program that is only slow responds earlier."""
RETRY_SECONDS = 0.1
"""Pause between two checks of a program that is starting."""

HealthCheck = Callable[[], Awaitable[None]]
"""Returns when the program has responded; raises ``OSError`` if it cannot be reached."""


async def check_http(host: str, port: int, path: str) -> None:
    """Send an HTTP request and accept any response, even an error; raises ``OSError`` without a response."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        if not (await reader.readline()).startswith(b"HTTP/"):
            raise ConnectionResetError
    finally:
        writer.close()


async def wait_until_healthy(health_check: HealthCheck) -> None:
    """Wait until a program that is starting has responded for the first time."""
    while True:
        if await failure_of(health_check) is None:
            return
        await asyncio.sleep(RETRY_SECONDS)


async def wait_until_unresponsive(health_check: HealthCheck) -> None:
    """Wait until a program has not responded for ``UNRESPONSIVE_SECONDS``; each check may take this long."""
    silent = 0
    check: asyncio.Task[BaseException | None] | None = None
    try:
        while silent < ROUNDS:
            check = check or asyncio.create_task(failure_of(health_check))
            await asyncio.sleep(ROUND_SECONDS)
            silent += 1
            if check.done():
                silent = 0 if _is_alive(check.result()) else silent
                check = None
    finally:
        if check:
            check.cancel()


def _is_alive(failure: BaseException | None) -> bool:
    """A server that has reached its maximum of connections closes new ones immediately, which is a response, too."""
    return failure is None or isinstance(failure, ConnectionResetError)


class WatchdogSocket(asyncio.DatagramProtocol):
    """Receives the notifications that a program sends with ``adapters.sd_notify``."""

    def __init__(self) -> None:
        self.address = f"@streaming_app-{uuid4().hex}"
        """The program's NOTIFY_SOCKET."""
        self._received = asyncio.Event()

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002 - only the arrival matters
        self._received.set()

    async def wait_for_notification(self) -> None:
        """Wait for the program's next notification."""
        self._received.clear()
        await self._received.wait()

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator[None]:
        """Receive notifications while the context is open."""
        receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        receiver.bind(self.address.replace("@", "\0", 1))
        receiver.settimeout(0)
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, sock=receiver)
        try:
            yield
        finally:
            transport.close()
