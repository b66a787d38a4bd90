"""Fetch one file repeatedly on several connections, and print the rate: ``python -m benchmarks.fetching``."""

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence

import uvloop

from benchmarks.http_client import Connection
from tests.rig.ports import HOST

OK = 200


class _Fetcher:
    def __init__(self, port: int, path: str) -> None:
        self.count = 0
        self.refused = 0
        self._port = port
        self._path = path.encode()
        self._connection = Connection(f"{HOST}:{port}", self._take, self._lost, keeps_body=False)

    async def begin(self) -> None:
        await asyncio.get_running_loop().create_connection(lambda: self._connection, HOST, self._port)
        self._connection.get(self._path)

    def end(self) -> None:
        self._connection.close()

    def _take(self, status: int, _: bytes) -> None:
        self.count += status == OK
        self.refused += status != OK
        self._connection.get(self._path)

    def _lost(self) -> None:
        self.refused += 1


async def fetch(port: int, path: str, connections: int, seconds: float) -> float:
    """Return the number of downloads a second; raises ``RuntimeError`` if the file cannot be fetched."""
    fetchers = [_Fetcher(port, path) for _ in range(connections)]
    for fetcher in fetchers:
        await fetcher.begin()
    began = time.monotonic()
    await asyncio.sleep(seconds)
    lasted = time.monotonic() - began
    for fetcher in fetchers:
        fetcher.end()
    if refused := sum(fetcher.refused for fetcher in fetchers):
        message = f"{path} was refused {refused} times"
        raise RuntimeError(message)
    return sum(fetcher.count for fetcher in fetchers) / lasted


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch, and print the number of downloads a second."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", required=True)
    parser.add_argument("--connections", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    wanted = parser.parse_args(arguments)
    print(uvloop.run(fetch(wanted.port, wanted.path, wanted.connections, wanted.seconds)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
