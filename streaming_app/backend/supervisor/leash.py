"""Runs one program and takes it along wherever it goes.

Run as a script, ``leash.py PARENT_PID PROGRAM ARGUMENT …``, by who wants a child that never outlives it. When the
parent dies, even by ``kill -9``, so does the program with everything that it started; when the program ends, so does
what it leaves behind; when this process is killed, the program is asked to end. Standard library only: it has to be
there within milliseconds.
"""

import contextlib
import ctypes
import os
import resource
import signal
import subprocess
import sys
import time

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
STOP_SECONDS = 5.0
"""What a program that is asked to end may take; ``stop`` in ``child.py`` waits a little longer."""
ORPHAN_STOP_SECONDS = 1.0
"""The same when the parent is dead: whoever starts it again waits for our ports."""
CLEAR_SECONDS = 2.0

PARENT_GONE = signal.SIGUSR1
STOP = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
WAITED_FOR = {signal.SIGCHLD, PARENT_GONE, *STOP}

_libc = ctypes.CDLL(None, use_errno=True)


def main(parent: int, command: list[str]) -> int:
    """The exit code of the program."""
    signal.pthread_sigmask(signal.SIG_BLOCK, WAITED_FOR)
    _libc.prctl(PR_SET_PDEATHSIG, PARENT_GONE)
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
    if os.getppid() != parent:
        return 1
    _raise_open_files()
    program = subprocess.Popen(command, preexec_fn=_prepare, start_new_session=True)  # noqa: S603, PLW1509 - one thread
    try:
        return _watch(program, parent)
    finally:
        _clear(program.pid)


def _watch(program: "subprocess.Popen[bytes]", parent: int) -> int:
    while True:
        received = signal.sigwait(WAITED_FOR)
        if received == signal.SIGCHLD:
            _reap_strays(program.pid)
            if program.poll() is not None:
                return program.returncode
        elif received in STOP:
            return _stop(program, STOP_SECONDS)
        elif os.getppid() != parent:  # else only the thread that started us has ended
            return _stop(program, ORPHAN_STOP_SECONDS)


def _stop(program: "subprocess.Popen[bytes]", seconds: float) -> int:
    program.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        return program.wait(seconds)
    program.kill()
    return program.wait()


def _clear(group: int) -> None:
    """Kill what is left of the program's process group: all of it has become ours."""
    deadline = time.monotonic() + CLEAR_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            time.sleep(0.01)


def _reap_strays(program: int) -> None:
    """Bury what the program started and left to us, but not the program itself: its exit code is still wanted."""
    while True:
        ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended is None or ended.si_pid == program:
            return
        os.waitpid(ended.si_pid, 0)


def _prepare() -> None:
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, WAITED_FOR)


def _raise_open_files() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


if __name__ == "__main__":
    code = main(int(sys.argv[1]), sys.argv[2:])
    sys.exit(code if code >= 0 else 128 - code)
