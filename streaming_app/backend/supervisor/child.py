"""One program kept running: started on a leash, started again when it ends, stopped for certain."""

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from streaming_app.backend.errors import SetupError
from streaming_app.backend.supervisor import leash

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0
STEADY_SECONDS = 30.0
"""Who has run for so long has recovered: the next pause is the first one again."""
STOP_SECONDS = leash.STOP_SECONDS + leash.CLEAR_SECONDS + 1.0
LOG_MAX_BYTES = 5_000_000
"""A log larger than this is put aside, as ``….1``, before the program starts again."""


@dataclass(frozen=True, slots=True)
class Program:
    """What to run, and where its output goes."""

    name: str
    log: Path
    prepare: Callable[[], Sequence[str]]
    """Gives the command; called before each start. May raise ``SetupError``."""


class Child:
    """A program and its ups and downs."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """Of its leash; ``None`` when it does not run."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """Start the program once; raises ``SetupError``."""
        command = await asyncio.to_thread(self._program.prepare)
        _put_aside(self._program.log)
        with self._program.log.open("ab") as output:
            # From the loop's own thread: the kernel ties a child's death signal to the thread that started it.
            self._process = await asyncio.create_subprocess_exec(
                *[sys.executable, "-I", "-S", leash.__file__, str(os.getpid()), *command],
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )

    async def keep_running(self) -> None:
        """Start the program again whenever it ends, sooner or later; until cancelled."""
        loop = asyncio.get_running_loop()
        pause = FIRST_PAUSE_SECONDS
        while True:
            started_at = loop.time()
            how = await self._ended()
            pause = FIRST_PAUSE_SECONDS if loop.time() - started_at > STEADY_SECONDS else pause
            log.warning("%s %s; starting it again in %.1f s. Its log: %s", self.name, how, pause, self._program.log)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            try:
                await self.start()
            except (SetupError, OSError) as failed:
                log.warning("%s cannot be started: %s", self.name, failed)

    async def stop(self) -> None:
        """Ask the program to end, and see to it."""
        if self._process is None or self._process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._process.wait()
        except TimeoutError:
            log.warning("%s did not end when asked to: killed", self.name)
            self._process.kill()
            await self._process.wait()

    @property
    def name(self) -> str:
        """As people know it."""
        return self._program.name

    def last_words(self) -> str:
        """The last line of its log."""
        lines = self._program.log.read_text(encoding="utf-8", errors="replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "it said nothing")

    async def _ended(self) -> str:
        if self._process is None or self.pid is None:
            return "does not run"
        return f"ended with {await self._process.wait()}"


def _put_aside(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.exists() and file.stat().st_size > LOG_MAX_BYTES:
        file.replace(file.with_name(f"{file.name}.1"))
