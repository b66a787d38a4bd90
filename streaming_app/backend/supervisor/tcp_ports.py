"""Finds the processes that use a TCP port, to report them or to stop those left by a previous supervisor."""

import errno
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from pathlib import Path

from streaming_app.backend.errors import SetupError

LEFTOVER_STOP_SECONDS = 3.0
"""How long the children of a killed supervisor may take to end."""
POLL_SECONDS = 0.05
PROC = Path("/proc")
LISTENING = "0A"
"""State of a listening socket in ``/proc/net/tcp``."""
STATE, LOCAL_ADDRESS, INODE = 3, 1, 9


@dataclass(frozen=True, slots=True)
class PortCheck:
    """A port that one of the programs will listen on."""

    setting: str
    """The environment variable that sets the port."""
    host: str
    port: int
    host_setting: str = "BIND_HOST"
    """The environment variable that sets the address."""

    def is_free(self) -> bool:
        """Whether the port is free; raises ``SetupError`` if it cannot be used at all."""
        family = socket.AF_INET6 if isinstance(ip_address(self.host), IPv6Address) else socket.AF_INET
        with socket.socket(family) as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # as nginx does
            try:
                server.bind((self.host, self.port))
            except OSError as failed:
                if failed.errno == errno.EADDRINUSE:
                    return False
                raise SetupError(self._explain(failed)) from failed
        return True

    def taken_error(self) -> SetupError:
        """Return the error that names the processes on the port."""
        names = sorted({f"{_name(pid)} (process {pid})" for pid in listening_pids(self.port)})
        who = " and ".join(names) or "another program"
        return SetupError(f"Port {self.port} is taken by {who}. Stop it, or set {self.setting} to another port.")

    def _explain(self, failed: OSError) -> str:
        if failed.errno in {errno.EACCES, errno.EPERM}:
            return f"Port {self.port} is for root only. Set {self.setting} to 1024 or more."
        if failed.errno == errno.EADDRNOTAVAIL:
            problem = f"This machine does not have the address {self.host}."
            return f"{problem} Set {self.host_setting} to one that it has, or ::."
        return f"Port {self.port} cannot be used: {failed.strerror}. Set {self.setting} to another port."


def free_port(wanted: PortCheck, folder: Path) -> None:
    """Wait until our own previous program has left the port, and kill it after ``LEFTOVER_STOP_SECONDS``.

    It is recognized by its open files in ``folder``. Raises ``SetupError`` if another program has the port.
    """
    deadline = time.monotonic() + LEFTOVER_STOP_SECONDS
    while not wanted.is_free():
        leftovers = {pid for pid in listening_pids(wanted.port) if has_open_file(pid, folder)}
        if not leftovers:
            time.sleep(POLL_SECONDS)
            if wanted.is_free():
                return
            raise wanted.taken_error()
        if time.monotonic() > deadline:
            for pid in leftovers:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        time.sleep(POLL_SECONDS)


def listening_pids(port: int) -> set[int]:
    """Return the ids of the processes that listen on this port, as far as this user may see them."""
    sockets = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    if not sockets:
        return set()
    return {pid for pid in _processes() if sockets & set(_open_files(pid))}


def has_open_file(pid: int, folder: Path) -> bool:
    """Whether the process has an open file below ``folder``."""
    return any(Path(file).is_relative_to(folder) for file in _open_files(pid))


def _listening_inodes(port: int) -> Iterator[str]:
    for table in ("net/tcp", "net/tcp6"):
        with suppress(OSError):
            for line in (PROC / table).read_text(encoding="ascii").splitlines()[1:]:
                fields = line.split()
                if fields[STATE] == LISTENING and int(fields[LOCAL_ADDRESS].rpartition(":")[2], 16) == port:
                    yield fields[INODE]


def _processes() -> Iterator[int]:
    return (int(entry.name) for entry in PROC.iterdir() if entry.name.isdecimal())


# Errors are ignored: the process belongs to another user, or has just ended.


def _open_files(pid: int) -> Iterator[str]:
    with suppress(OSError):
        for file in (PROC / str(pid) / "fd").iterdir():
            with suppress(OSError):
                yield str(file.readlink())


def _name(pid: int) -> str:
    with suppress(OSError):
        return (PROC / str(pid) / "comm").read_text(encoding="utf-8", errors="replace").strip()
    return "a program"
