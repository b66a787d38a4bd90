"""One program kept running: started, asked whether it lives, stopped for certain, and nothing of it left behind."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from streaming_app.backend.errors import SetupError
from streaming_app.backend.restarts import EndedError
from streaming_app.backend.supervisor.liveness import (
    UNRESPONSIVE_SECONDS,
    HealthCheck,
    wait_until_healthy,
    wait_until_unresponsive,
)

START_SECONDS = 120.0
"""How long a program may take until its first answer, on a machine that is busy with other things."""
STOP_SECONDS = 10.0
"""How long a program that is asked to end may take."""
CLEANUP_POLLS, CLEANUP_POLL_SECONDS = 200, 0.01
LOG_TAIL_BYTES = 4096
PDEATHSIG_COMMAND = ("setpriv", "--pdeathsig", "TERM")
"""Asks a program to end when the thread that started it dies; it replaces itself by the program."""


@dataclass(frozen=True, slots=True)
class Program:
    """What to run, how to ask whether it lives, and where its output goes."""

    name: str
    command: Callable[[], Sequence[str]]
    """Gives the command; called before each start, in a thread. May raise ``SetupError``."""
    health_check: HealthCheck
    environment: Mapping[str, str]
    folder: Path
    log: Path | None = None
    """Without one it shares our own output."""
    runs_site_code: bool = False
    """Whether it has to start again to run newly installed code, and may: no video goes through it."""


class Child:
    """A program and its ups and downs. ``run`` it by ``restarts.keep_running``."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.started: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Empty text once it has answered for the first time; or why it never did, unless it was killed."""

    async def run(self) -> None:
        """Start the program and watch it until it ends or hangs, which ``EndedError`` tells; cancelling stops it."""
        try:
            process = await self._start()
        except (SetupError, OSError) as failed:
            self._set_started(str(failed))
            raise EndedError(f"cannot be started: {failed}") from None
        patience = STOP_SECONDS
        try:
            how = await self._watch(process)
            patience = 0.0
        finally:
            await _stop(process, patience)
        raise EndedError(how)

    async def _start(self) -> asyncio.subprocess.Process:
        program = self.program
        command = await asyncio.to_thread(program.command)
        if program.log:
            program.log.parent.mkdir(parents=True, exist_ok=True)
        with (program.log or Path(os.devnull)).open("ab") as log:
            output = log if program.log else None
            # From the loop's own thread: the kernel ties a child's death signal to the thread that started it.
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
        """How it ended, in words."""
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
            self._set_started(self.last_log_line() or "what is above says why")
            return f"ended with {code}"
        return f"was killed by {signal.Signals(-code).name}"

    async def _wait_until_hung(self) -> str:
        """Returns when it has hung: how, in words."""
        try:
            async with asyncio.timeout(START_SECONDS):
                await wait_until_healthy(self.program.health_check)
        except TimeoutError:
            return f"gave no answer within {START_SECONDS:.0f} s of its start"
        self._set_started("")
        await wait_until_unresponsive(self.program.health_check)
        return f"gave no answer for {UNRESPONSIVE_SECONDS:.0f} s"

    def _set_started(self, why_not: str) -> None:
        if not self.started.done():
            self.started.set_result(why_not)

    def last_log_line(self) -> str:
        """The last line of its log, if it has one."""
        if self.program.log is None:
            return ""
        with self.program.log.open("rb") as log:
            log.seek(max(0, os.fstat(log.fileno()).st_size - LOG_TAIL_BYTES))
            lines = log.read().decode(errors="replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "it said nothing")


async def _stop(process: asyncio.subprocess.Process, patience: float) -> None:
    """Ask the program to end if there is patience, and kill it and whatever it leaves behind."""
    if process.returncode is None and patience:
        with suppress(ProcessLookupError):
            process.terminate()
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await process.wait()
    _kill_group(process.pid)
    await process.wait()
    for _ in range(CLEANUP_POLLS):
        if not _kill_group(process.pid):
            return
        await asyncio.sleep(CLEANUP_POLL_SECONDS)


def _kill_group(group: int) -> bool:
    """Whether anything of it was left."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True
