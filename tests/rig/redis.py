"""A real Redis server for the tests, which keeps its data in memory."""

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.rig.ports import HOST, free_port
from tests.rig.processes import Process

DATABASES = 1_000
"""Enough for each site of a run to have its own."""


class Redis:
    """One server, always on the same port. Its data is lost when it ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._starts = 0
        self._process: Process | None = None
        self.url = self.database_url(0)

    def database_url(self, number: int) -> str:
        """Return the URL of one of the ``DATABASES``."""
        return f"redis://{HOST}:{self._port}/{number}"

    def start(self) -> None:
        """Start the server without data, and wait until it serves."""
        self._starts += 1
        address = ("--bind", HOST, "--port", str(self._port))
        options = (*address, "--save", "", "--appendonly", "no", "--databases", str(DATABASES))
        command = ["redis-server", *options, "--dir", self._folder]
        self._process = Process("Redis", command, self._folder / f"redis-{self._starts}.log")
        self._process.wait_until_said("Ready to accept connections")

    def kill(self) -> None:
        """Kill the server by SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def stop(self) -> None:
        """Stop the server by SIGTERM."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def frozen(self) -> AbstractContextManager[None]:
        """Freeze the server while the block runs. Its connections stay open."""
        assert self._process is not None
        return self._process.frozen()


@contextmanager
def running_redis(folder: Path) -> Generator[Redis]:
    """Run a server while the block runs."""
    folder.mkdir(parents=True, exist_ok=True)
    server = Redis(folder)
    try:
        server.start()
        yield server
    finally:
        server.kill()
