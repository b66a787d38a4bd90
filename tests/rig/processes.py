"""Child processes of the tests. Each has a log and ends with the test run, even if the test run is killed."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from tests.rig.ports import is_open

PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.02
READY_SECONDS = 120.0
"""Maximum time for a server to start. Generous, because machines may be busy."""
HIGH_PRIORITY = -10
"""As a ``nice`` value: about nine times the share of the CPU."""
STOP_SECONDS = 20.0
"""Maximum time for a process to stop. Longer than scripts/run.sh gives the site."""

_libc = ctypes.CDLL(None, use_errno=True)

running: list["Process"] = []
"""Running processes, oldest first. The report of a failed test contains the ends of their logs."""

logs: dict[Path, str] = {}
"""The log of every process of this run, with the name of the process."""


class ProcessFailedError(Exception):
    """A process ended or did not become ready. The message contains the end of its log."""

    def __init__(self, process: "Process", how: str) -> None:
        super().__init__(f"{process.name} {how}. The end of {process.log}:\n{process.tail()}")


class Process:
    """One child in a process group of its own.

    The child is killed when the thread that started it ends, so start it from the main thread. The waits block. If the
    test's own event loop must answer meanwhile, call them through `asyncio.to_thread`.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        log: Path,
        *,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            self._child = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                cwd=folder,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - one system call, prepared before the fork
            )
        running.append(self)
        logs[log] = name

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def exit_code(self) -> int | None:
        """Return ``None`` while the process runs, then its exit code; the negative signal number after a signal."""
        return self._child.poll()

    def output(self) -> str:
        """Return everything that the process has written to stdout and stderr."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def tail(self, lines: int = 40) -> str:
        return "\n".join(self.output().splitlines()[-lines:])

    def wait_until(self, condition: Callable[[], bool], what: str, deadline_seconds: float = READY_SECONDS) -> None:
        """Wait for a condition. Raises ``ProcessFailedError`` if the process ends, or after the deadline."""
        deadline = time.monotonic() + deadline_seconds
        while not condition():
            if self.exit_code is not None:
                raise ProcessFailedError(self, f"ended with {self.exit_code} before {what}")
            if time.monotonic() > deadline:
                raise ProcessFailedError(self, f"took longer than {deadline_seconds:g} s until {what}")
            time.sleep(POLL_SECONDS)

    def wait_until_listening(self, port: int, deadline_seconds: float = READY_SECONDS) -> None:
        self.wait_until(lambda: is_open(port), f"port {port} was open", deadline_seconds)

    def wait_until_said(self, text: str, deadline_seconds: float = READY_SECONDS) -> None:
        self.wait_until(lambda: text in self.output(), f"it said {text!r}", deadline_seconds)

    def wait_until_ended(self, deadline_seconds: float = READY_SECONDS) -> int:
        """Wait until the process has ended by itself, and return its exit code."""
        try:
            self._child.wait(deadline_seconds)
        except subprocess.TimeoutExpired:
            raise ProcessFailedError(self, f"was still running after {deadline_seconds:g} s") from None
        self._ended()
        return self._child.returncode

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process alone, not to its children."""
        if self.exit_code is None:
            os.kill(self.pid, number)

    @contextmanager
    def frozen(self) -> Generator[None]:
        """Freeze the process with all its threads while the block runs. It reads nothing and answers nothing."""
        self.signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)  # the last thread stops a little later
        try:
            yield
        finally:
            self.signal(signal.SIGCONT)

    def kill(self) -> None:
        """Kill the process alone by SIGKILL. Its children keep running."""
        self.signal(signal.SIGKILL)
        self._ended()

    def stop(self) -> None:
        """End the process by SIGTERM, then kill its whole group."""
        self.signal(signal.SIGTERM)
        self.end_group()

    def end_group(self) -> None:
        """Give the process, which has received a signal, time to end. Then kill its whole group."""
        with suppress(subprocess.TimeoutExpired):
            self._child.wait(STOP_SECONDS)
        self.kill_group()

    def kill_group(self) -> None:
        """Kill the process and all children in its group by SIGKILL."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._ended()

    def _ended(self) -> None:
        self._child.wait()
        if self in running:
            running.remove(self)


def stop_all(processes: Sequence[Process]) -> None:
    """End processes at the same time, each as ``Process.stop`` does."""
    for process in processes:
        process.signal(signal.SIGTERM)
    for process in processes:
        process.end_group()


def set_priority(pid: int, nice: int = HIGH_PRIORITY) -> None:
    """Set how much of the CPU a process gets. Does nothing if the system does not allow it, as for users without root.

    Where the kernel groups processes by sessions (autogroup), only the priority of the whole session counts: it is set
    too. Elsewhere, threads that run already keep their priority.
    """
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, nice)
        Path(f"/proc/{pid}/autogroup").write_text(str(nice), encoding="ascii")


@contextmanager
def high_priority() -> Generator[None]:
    """Give this process and its session a high priority while the block runs, and the usual one afterwards."""
    set_priority(os.getpid())
    try:
        yield
    finally:
        set_priority(os.getpid(), 0)


def descendants(pid: int, which: Callable[[psutil.Process], bool]) -> list[psutil.Process]:
    """Return the descendants of ``pid`` for which ``which`` is true. Processes that end meanwhile are left out."""
    found: list[psutil.Process] = []
    for process in psutil.Process(pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if which(process):
                found.append(process)
    return found


def _die_with_parent() -> None:
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
