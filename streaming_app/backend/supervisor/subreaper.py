"""Ensures that no process outlives the supervisor, even if the supervisor is killed with ``kill -9``.

The started process forks. The parent becomes a child subreaper (see prctl(2)), and the child is the supervisor.
When any descendant's parent dies, the kernel makes the subreaper its new parent, which then stops it.
"""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
ORPHAN_STOP_SECONDS = 3.0
"""How long the children of a killed supervisor may take to end after the SIGTERM of ``child.PDEATHSIG_COMMAND``."""
ORPHAN_KILL_SECONDS = 5.0
POLL_SECONDS = 0.02
STOP = {signal.SIGTERM, signal.SIGINT}
HANDLED_SIGNALS = {signal.SIGCHLD, signal.SIGHUP, *STOP}
PARENT_PID_FIELD = 1
"""Index in ``/proc/<pid>/stat``, counted after the program's name."""

_libc = ctypes.CDLL(None, use_errno=True)


def run_below_subreaper() -> None:
    """Continue as the child of a subreaper, which forwards signals: SIGTERM to stop, SIGHUP to start new code."""
    signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED_SIGNALS)
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
    subreaper = os.getpid()
    supervisor = os.fork()
    if supervisor:
        sys.stdout.flush()
        os._exit(_run_subreaper(supervisor))
    end_with_parent(subreaper)
    os.setsid()  # Ctrl-C goes to the subreaper only
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED_SIGNALS)


def end_with_parent(parent: int) -> None:
    """Let the kernel send SIGTERM to this process when the thread of ``parent`` that started it dies."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)


def _run_subreaper(supervisor: int) -> int:
    """Wait until the supervisor and all its descendants have ended, and return the supervisor's exit code."""
    ends_with_terminal = signal.getsignal(signal.SIGHUP) != signal.SIG_IGN and _has_terminal()
    asked_to_stop = False
    while True:
        received = signal.sigwait(HANDLED_SIGNALS)
        if received == signal.SIGCHLD:
            code = _reap(supervisor)
            if code is not None:
                break
            continue
        if received == signal.SIGHUP and not (ends_with_terminal and not _has_terminal()):
            _signal(supervisor, signal.SIGHUP)
            continue
        _signal(supervisor, signal.SIGKILL if asked_to_stop else signal.SIGTERM)
        asked_to_stop = True
    if code < 0:
        print("The supervisor was killed: everything that it ran ends.", file=sys.stderr, flush=True)  # noqa: T201
    _stop_orphans()
    return code if code >= 0 else 128 - code


def _has_terminal() -> bool:
    """Whether the process still has a terminal: closing a terminal window sends SIGHUP, too."""
    with suppress(OSError):
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
        return True
    return False


def _reap(supervisor: int) -> int | None:
    """Reap all children that have ended; return the supervisor's exit code if it was among them."""
    code = None
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG)) != (0, 0):
            if ended[0] == supervisor:
                code = os.waitstatus_to_exitcode(ended[1])
    return code


def _stop_orphans() -> None:
    """Wait until all orphans have ended, and kill them after ``ORPHAN_STOP_SECONDS``."""
    began = time.monotonic()
    while time.monotonic() - began < ORPHAN_STOP_SECONDS + ORPHAN_KILL_SECONDS:
        _reap(0)
        orphans = list(_children())
        if not orphans:
            return
        if time.monotonic() - began > ORPHAN_STOP_SECONDS:
            for orphan in orphans:
                _signal(orphan, signal.SIGKILL)
        time.sleep(POLL_SECONDS)


def _children() -> Iterator[int]:
    own = str(os.getpid())
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):
                facts = (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
                if facts[PARENT_PID_FIELD] == own:
                    yield int(entry.name)


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
