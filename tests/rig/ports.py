"""Free TCP ports on the loopback address."""

import os
import random
import socket
from collections import deque
from pathlib import Path

HOST = "127.0.0.1"
RANGE = range(*map(int, os.environ.get("TEST_PORTS", "20000-32000").split("-")))
"""Below the ports that Linux gives to outgoing connections (32768 and up): one of those could take the port of a
server that is being restarted, and a client that retries can even connect to itself. Two runs at once have a range
each (scripts/test.sh)."""
LISTENING = "0A"
"""In the kernel's tables of connections."""

_given: deque[int] = deque(maxlen=len(RANGE) // 2)
"""The newest ones: those given longer ago are given again when nobody listens there."""


def free_port() -> int:
    """A port nobody listens on, not given lately in this run."""
    while True:
        port = random.choice(RANGE)  # noqa: S311 - no secret
        if port not in _given and _is_free(port):
            _given.append(port)
            return port


def is_open(port: int) -> bool:
    """Whether something accepts connections there."""
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex((HOST, port)) == 0


def unread_bytes(port: int) -> int:
    """What the connections to a port have received and whoever listens there has not read yet."""
    total = 0
    for table in ("tcp", "tcp6"):
        for line in Path("/proc/net", table).read_text(encoding="ascii").splitlines()[1:]:
            _, local, _, state, queues, *_ = line.split()
            if int(local.rpartition(":")[2], 16) == port and state != LISTENING:
                total += int(queues.rpartition(":")[2], 16)
    return total


def _is_free(port: int) -> bool:
    with socket.socket() as server:
        try:
            server.bind((HOST, port))
        except OSError:
            return False
    return True
