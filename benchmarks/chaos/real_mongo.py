"""A real MongoDB on this machine that somebody else has started, and that can be killed and started again."""

import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager

import psutil

from tests.rig.ports import is_open

POLL_SECONDS = 0.05


class RealMongo:
    """The server on a port. It is started again with the same command line, environment and folder, and stays."""

    def __init__(self, port: int) -> None:
        self._port = port
        server = self._server()
        self._command, self._environment, self._folder = server.cmdline(), server.environ(), server.cwd()

    def kill(self) -> None:
        """Kill the server by SIGKILL."""
        self._server().kill()

    def stop(self) -> None:
        """Stop the server by SIGTERM."""
        server = self._server()
        server.terminate()
        server.wait()

    def start(self) -> None:
        """Start the server, and wait until it listens."""
        null = subprocess.DEVNULL
        subprocess.Popen(
            self._command,
            env=self._environment,
            cwd=self._folder,
            stdin=null,
            stdout=null,
            stderr=null,
            start_new_session=True,
        )
        while not is_open(self._port):
            time.sleep(POLL_SECONDS)  # the server, which is no child of ours, says nowhere that it listens

    @contextmanager
    def frozen(self) -> Generator[None]:
        """Freeze the server while the block runs."""
        server = self._server()
        server.suspend()
        try:
            yield
        finally:
            server.resume()

    def _server(self) -> psutil.Process:
        """Return the process that listens on the port."""
        connections = psutil.net_connections("tcp")
        found = [
            c.pid for c in connections if c.status == psutil.CONN_LISTEN and c.laddr and c.laddr.port == self._port
        ]
        assert found, f"no process of this machine listens on port {self._port} of TEST_MONGO_URL"
        return psutil.Process(found[0])
