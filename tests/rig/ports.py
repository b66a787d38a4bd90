"""Free TCP ports on the loopback address."""

import os
import random
import socket
from collections import deque
from pathlib import Path

HOST = "127.0.0.1"
RANGE = range(*map(int, os.environ.get("TEST_PORTS", "20000-32000").split("-")))
"""Ports for the tests, below those that Linux uses for outgoing connections (32768 and up). An outgoing connection
could take the port of a server that is being restarted, and a client that retries can even connect to itself. Two
concurrent runs use one range each (scripts/test.sh).
"""
SINGLE, IN_BLOCKS = RANGE[:-400], RANGE[-400:]
"""The ports of ``free_port`` and of ``free_ports``. They are apart, because single ports would leave no block free."""
LISTENING = "0A"
"""State of a listening socket in ``/proc/net/tcp``."""

_given: deque[int] = deque(maxlen=len(SINGLE) // 2)
"""Ports returned lately. Older ones are returned again if nothing listens on them."""
_given_blocks: deque[range] = deque()
"""Blocks returned lately. The oldest ones are returned again if all others are given."""


def free_port() -> int:
    """Return a port on which nothing listens, and which was not returned lately in this run."""
    while True:
        port = random.choice(SINGLE)  # noqa: S311 - no secret
        if port not in _given and _is_free(port):
            _given.append(port)
            return port


def free_ports(count: int) -> int:
    """Return the first of ``count`` consecutive ports on which nothing listens.

    None of them is of ``free_port``, or of a block that was returned lately in this run.
    """
    while True:
        blocks = [range(first, first + count) for first in IN_BLOCKS[::count]]
        for block in blocks:
            is_given = any(block.start < given.stop and given.start < block.stop for given in _given_blocks)
            if block.stop <= IN_BLOCKS.stop and not is_given and all(map(_is_free, block)):
                _given_blocks.append(block)
                return block.start
        if _given_blocks:
            _given_blocks.popleft()


def is_open(port: int) -> bool:
    """Whether something accepts connections on the port."""
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex((HOST, port)) == 0


def unread_bytes(port: int) -> int:
    """Return the number of bytes that connections to the port have received and its server has not read."""
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
