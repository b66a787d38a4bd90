"""Child processes of the tests: each with a log, none outliving the test run, even when that is killed."""

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
READY_SECONDS = 60.0
"""How long to wait for a server before calling it broken: generous, for machines busy with other things."""
STOP_SECONDS = 20.0
"""Longer than scripts/run.sh gives the site."""

_libc = ctypes.CDLL(None, use_errno=True)

running: list["Process"] = []
"""What is running now, oldest first: a failed test shows the ends of their logs."""


class ProcessFailedError(Exception):
    """A process ended or did not become ready; the message carries the end of its log."""

    def __init__(self, process: "Process", how: str) -> None:
        super().__init__(f"{process.name} {how}. The end of {process.log}:\n{process.tail()}")


class Process:
    """One child in a process group of its own.

    It is killed when the thread that started it ends, so start it from the main thread. The waits block: in a test
    whose own event loop has to answer meanwhile, call them through `asyncio.to_thread`.
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

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; minus the signal that ended it."""
        return self._child.poll()

    def output(self) -> str:
        """All that it has said on both its streams."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def tail(self, lines: int = 40) -> str:
        return "\n".join(self.output().splitlines()[-lines:])

    def wait_until(self, condition: Callable[[], bool], what: str, deadline_seconds: float = READY_SECONDS) -> None:
        """Wait for a condition, as long as the process lives; ProcessFailedError else or past the deadline."""
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
        """Its exit code, when it has ended by itself."""
        try:
            self._child.wait(deadline_seconds)
        except subprocess.TimeoutExpired:
            raise ProcessFailedError(self, f"was still running after {deadline_seconds:g} s") from None
        self._ended()
        return self._child.returncode

    def signal(self, number: signal.Signals) -> None:
        """Signal the process alone, not its children."""
        if self.exit_code is None:
            os.kill(self.pid, number)

    @contextmanager
    def frozen(self) -> Generator[None]:
        """It stands still for as long as the block lasts, with all its threads: it takes nothing and answers nobody."""
        self.signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)  # the last thread stops some time later
        try:
            yield
        finally:
            self.signal(signal.SIGCONT)

    def kill(self) -> None:
        """`kill -9` of the process alone, as an accident would; its children are on their own."""
        self.signal(signal.SIGKILL)
        self._ended()

    def stop(self) -> None:
        """End it politely, then its whole group for certain."""
        self.signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._child.wait(STOP_SECONDS)
        self.kill_group()

    def kill_group(self) -> None:
        """`kill -9` of the process and of all children that stayed in its group."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._ended()

    def _ended(self) -> None:
        self._child.wait()
        if self in running:
            running.remove(self)


def descendants(pid: int, which: Callable[[psutil.Process], bool]) -> list[psutil.Process]:
    """Those that ``pid`` started, and they in turn, for which ``which`` holds; one that ends meanwhile is left out."""
    found: list[psutil.Process] = []
    for process in psutil.Process(pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if which(process):
                found.append(process)
    return found


def _die_with_parent() -> None:
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
