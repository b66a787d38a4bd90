"""A proxy in front of MongoDB that can delay all answers: ``python -m benchmarks.chaos.slow_store``.

SIGUSR1 makes it slow, SIGUSR2 fast again. It is a process of its own, so that it delays nothing by itself.
"""

import argparse
import asyncio
import signal
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import uvloop

from tests.rig.forwarder import copy
from tests.rig.ports import HOST
from tests.rig.processes import Process
from tests.rig.site import ROOT

DELAY_SECONDS = 0.3


class SlowStore:
    """The running proxy."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def slow_down(self) -> None:
        """Delay every answer by ``DELAY_SECONDS``."""
        self._process.signal(signal.SIGUSR1)

    def speed_up(self) -> None:
        """Delay nothing."""
        self._process.signal(signal.SIGUSR2)


@contextmanager
def running(port: int, host: str, target_port: int, log: Path) -> Generator[SlowStore]:
    """Run a proxy on ``port`` while the block runs."""
    words = ["-m", "benchmarks.chaos.slow_store", str(port), host, str(target_port)]
    process = Process("slow store", [sys.executable, *words], log, folder=ROOT)
    try:
        process.wait_until_listening(port)
        yield SlowStore(process)
    finally:
        process.stop()


async def _serve(port: int, host: str, target_port: int) -> None:
    delay_seconds = 0.0

    def set_delay(seconds: float) -> None:
        nonlocal delay_seconds
        delay_seconds = seconds

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection(host, target_port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(copy(reader, back), copy(there, writer, lambda: delay_seconds))

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, set_delay, DELAY_SECONDS)
    loop.add_signal_handler(signal.SIGUSR2, set_delay, 0.0)
    async with await asyncio.start_server(connect, HOST, port) as server:
        await server.serve_forever()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("host")
    parser.add_argument("target_port", type=int)
    wanted = parser.parse_args(arguments)
    uvloop.run(_serve(wanted.port, wanted.host, wanted.target_port))
    return 0


if __name__ == "__main__":
    sys.exit(main())
