"""Makes sure that nothing outlives the supervisor, even when that is killed with ``kill -9``.

The process that was started becomes the guard, and the supervisor its child. All that the supervisor starts, and
whatever those start in turn, is left to the guard by the kernel when its parent dies, and ended.
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
"""How long the children of a supervisor that was killed may take to end, as ``child.END_WITH_US`` has asked them to."""
ORPHAN_KILL_SECONDS = 5.0
POLL_SECONDS = 0.02
STOP = {signal.SIGTERM, signal.SIGINT}
HANDLED_SIGNALS = {signal.SIGCHLD, signal.SIGHUP, *STOP}
PARENT_PID_FIELD = 1
"""In /proc/…/stat, of those behind the program's name."""

_libc = ctypes.CDLL(None, use_errno=True)


def run_below_subreaper() -> None:
    """Go on as a child of a guard, which hands signals on: SIGTERM to end, SIGHUP to start the new code."""
    signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED_SIGNALS)
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
    guard = os.getpid()
    supervisor = os.fork()
    if supervisor:
        sys.stdout.flush()
        os._exit(_run_subreaper(supervisor))
    end_with_parent(guard)
    os.setsid()  # Ctrl-C is for the guard
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED_SIGNALS)


def end_with_parent(parent: int) -> None:
    """Have the kernel send this process SIGTERM when ``parent``'s thread that started it dies."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)


def _run_subreaper(supervisor: int) -> int:
    """The supervisor's exit code, when it has ended and nothing of it is left."""
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
    """Whether there is still a terminal: when its window is closed, that sends SIGHUP, too."""
    with suppress(OSError):
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
        return True
    return False


def _reap(supervisor: int) -> int | None:
    """Take leave of all who have ended; the supervisor's exit code if it was among them."""
    code = None
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG)) != (0, 0):
            if ended[0] == supervisor:
                code = os.waitstatus_to_exitcode(ended[1])
    return code


def _stop_orphans() -> None:
    """Wait for all who are left to end, and then make them, and whoever they leave to us by that."""
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
