"""Runs one program as a child process: starts it, checks that it responds, and stops it with all its descendants."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from streaming_app.backend.adapters.metrics.definitions import PROGRAM_RESTARTS, PROGRAM_UP
from streaming_app.backend.background_tasks import EndedError, finished_within
from streaming_app.backend.errors import SetupError
from streaming_app.backend.supervisor.liveness import (
    UNRESPONSIVE_SECONDS,
    HealthCheck,
    wait_until_healthy,
    wait_until_unresponsive,
)

START_SECONDS = 120.0
"""How long a program may take until its first response, on a busy machine."""
UPDATE_SECONDS = 3600.0
"""The same for a program that runs the site's code. It opens the store, which the first one of a new version updates.
If it was killed, the update would begin again."""
STOP_SECONDS = 10.0
"""How long a program may take to end after SIGTERM."""
CLEANUP_POLLS, CLEANUP_POLL_SECONDS = 200, 0.01
LOG_TAIL_BYTES = 4096
PDEATHSIG_COMMAND = ("setpriv", "--pdeathsig", "TERM")
"""Runs a command that gets SIGTERM when the thread that started it dies; the wrapper replaces itself by the command."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program: its command, its health check and its log."""

    name: str
    command: Callable[[], Sequence[str]]
    """Returns the command. Called in a thread before each start; may raise ``SetupError``."""
    health_check: HealthCheck
    environment: Mapping[str, str]
    folder: Path
    log: Path | None = None
    """File for its output; ``None`` to share the supervisor's output."""
    runs_site_code: bool = False
    """Whether the program is restarted for new code. It handles no video, so a restart interrupts no stream."""
    restarts_in_turn: bool = False
    """Whether it is restarted for new code only when the one before it answers, because they replace each other."""
    must_start: bool = False
    """Whether the site does not start if the program does not start."""

    @property
    def start_seconds(self) -> float:
        """How long it may take until its first response. After that it is killed and started again."""
        return UPDATE_SECONDS if self.runs_site_code else START_SECONDS


class Child:
    """A child process that runs ``program``. Pass its ``run`` to ``background_tasks.keep_running``."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.started: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Completes with an empty string after the first response, or with the reason if the program does not start."""
        self._restarts = PROGRAM_RESTARTS.labels(program.name)
        self._was_started = False

    async def run(self) -> None:
        """Start the program and watch it until it ends or hangs; raises ``EndedError`` then. Cancel to stop it."""
        try:
            process = await self._start()
        except (SetupError, OSError) as failed:
            self._set_started(str(failed))
            raise EndedError(f"cannot be started: {failed}") from None
        if self._was_started:
            self._restarts.inc()
        self._was_started = True
        timeout_seconds = STOP_SECONDS
        try:
            how = await self._watch(process)
            timeout_seconds = 0.0
        finally:
            PROGRAM_UP.labels(self.program.name).set(0)
            await _stop(process, timeout_seconds)
        raise EndedError(how)

    async def _start(self) -> asyncio.subprocess.Process:
        program = self.program
        command = await asyncio.to_thread(program.command)
        if program.log:
            program.log.parent.mkdir(parents=True, exist_ok=True)
        with (program.log or Path(os.devnull)).open("ab") as log:
            output = log if program.log else None
            # In the event loop's thread, because the kernel ties the death signal to the thread that starts the child.
            return await asyncio.create_subprocess_exec(
                *PDEATHSIG_COMMAND,
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=dict(program.environment),
                cwd=program.folder,
                start_new_session=True,
            )

    async def _watch(self, process: asyncio.subprocess.Process) -> str:
        """Wait until the program ends or hangs, and return a description."""
        ended = asyncio.create_task(process.wait())
        hung = asyncio.create_task(self._wait_until_hung())
        try:
            await asyncio.wait({ended, hung}, return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                return hung.result()
        finally:
            ended.cancel()
            hung.cancel()
        code = ended.result()
        if code >= 0:
            self._set_started(self.last_log_line() or "see the output above")
            return f"ended with {code}"
        return f"was killed by {signal.Signals(-code).name}"

    async def _wait_until_hung(self) -> str:
        """Wait until the program hangs, and return a description."""
        try:
            async with asyncio.timeout(self.program.start_seconds):
                await wait_until_healthy(self.program.health_check)
        except TimeoutError:
            return f"gave no answer within {self.program.start_seconds:.0f} s of its start"
        self._set_started("")
        PROGRAM_UP.labels(self.program.name).set(1)
        await wait_until_unresponsive(self.program.health_check)
        return f"gave no answer for {UNRESPONSIVE_SECONDS:.0f} s"

    def _set_started(self, error: str) -> None:
        if not self.started.done():
            self.started.set_result(error)

    def last_log_line(self) -> str:
        """The last line of the program's log; empty if it has no log file."""
        if self.program.log is None:
            return ""
        with self.program.log.open("rb") as log:
            log.seek(max(0, os.fstat(log.fileno()).st_size - LOG_TAIL_BYTES))
            lines = log.read().decode(errors="replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "it said nothing")


async def _stop(process: asyncio.subprocess.Process, timeout_seconds: float) -> None:
    """Terminate the program unless ``timeout_seconds`` is zero, then kill it and its descendants."""
    if process.returncode is None and timeout_seconds:
        with suppress(ProcessLookupError):
            process.terminate()
        await finished_within(timeout_seconds, process.wait())
    _kill_group(process.pid)
    await process.wait()
    for _ in range(CLEANUP_POLLS):
        if not _kill_group(process.pid):
            return
        await asyncio.sleep(CLEANUP_POLL_SECONDS)


def _kill_group(group: int) -> bool:
    """Kill the process group; ``False`` if it does not exist any more."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True
