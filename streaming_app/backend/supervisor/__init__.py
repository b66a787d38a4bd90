"""Supervises all processes of the site: web process, nginx, packager and, with Kafka, feed and workers.

``make run`` starts ``python -m streaming_app.backend.supervisor``, which runs all of them. Under ``reflex run`` the web
process starts first; it then starts a supervisor for the others.
"""

import asyncio
import logging
import os
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from streaming_app.backend.adapters import sd_notify
from streaming_app.backend.adapters.web_processes import only_web_process
from streaming_app.backend.background_tasks import EndedError, in_background, keep_running
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import SetupError
from streaming_app.backend.periodic import run_periodically
from streaming_app.backend.settings_environment import as_environment
from streaming_app.backend.subprocess_environment import own_environment
from streaming_app.backend.supervisor.child_process import Child, Program
from streaming_app.backend.supervisor.liveness import WatchdogSocket
from streaming_app.backend.supervisor.log_rotation import ROTATION_INTERVAL, rotate
from streaming_app.backend.supervisor.programs import (
    ROOT,
    free_ports,
    nginx_folder,
    notifying_programs,
    programs_of,
)

log = logging.getLogger(__name__)

MODULE = "streaming_app.backend.supervisor"
FOR_WEB_PROCESS = "--for-web-process"
"""The option with which a web process starts a supervisor for the other programs; its own process id follows."""


REST_SECONDS = 2.0
"""Time after the start of a web process until the next one is stopped: longer than front doors on other machines leave
out a process that refused them (``fail_timeout``)."""


class Supervisor:
    """Keeps programs running. Those with ``runs_site_code`` can be restarted while the others continue."""

    def __init__(self) -> None:
        self._tasks: dict[Child, asyncio.Task[None]] = {}

    async def start(self, programs: Sequence[Program]) -> None:
        """Start all programs; raises ``SetupError`` if one with ``must_start`` does not start."""
        children = [self._start(program, _run_or_wait if program.must_start else Child.run) for program in programs]
        for child in children:
            if child.program.must_start and (error := await child.started):
                raise SetupError(f"{child.program.name} does not start: {error}")

    async def restart_code(self) -> None:
        """Restart the programs with ``runs_site_code``: first those with ``restarts_in_turn``, one after the other.

        If one of those does not start, the ones after it continue to run the old code.
        """
        following = [child for child in self._tasks if child.program.runs_site_code]
        log.info("Restarting with the current code: %s", ", ".join(child.program.name for child in following))
        in_turn = sorted(  # those that do not run come first, because stopping them costs nothing
            (child for child in following if child.program.restarts_in_turn), key=_has_started
        )
        for position, child in enumerate(in_turn, start=1):
            [restarted] = await self._restart([child])
            if position < len(in_turn) and (error := await restarted.started):
                log.error("%s does not start with the new code, so others keep the old: %s", child.program.name, error)
                return
            await asyncio.sleep(REST_SECONDS if position < len(in_turn) else 0)
        await self._restart([child for child in following if child not in in_turn])

    async def stop(self) -> None:
        """Stop all programs."""
        await self._stop(list(self._tasks))

    async def _restart(self, children: Sequence[Child]) -> list[Child]:
        await self._stop(children)
        return [self._start(child.program) for child in children]

    def _start(self, program: Program, run: Callable[[Child], Awaitable[None]] = Child.run) -> Child:
        child = Child(program)
        self._tasks[child] = asyncio.create_task(keep_running(program.name, partial(run, child)))
        return child

    async def _stop(self, children: Sequence[Child]) -> None:
        tasks = [self._tasks[child] for child in children]
        for task in tasks:
            if not task.cancelling():  # if cancelled twice, it would not wait until its program ends
                task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        for child in children:
            self._tasks.pop(child, None)


def _has_started(child: Child) -> bool:
    return child.started.done() and not child.started.result()


async def _run_or_wait(child: Child) -> None:
    try:
        await child.run()
    except EndedError:
        if child.started.done() and child.started.result():
            await asyncio.Event().wait()  # the site stops: ``Supervisor.start`` raises the error
        raise


@asynccontextmanager
async def supervise(settings: Settings, *, with_web: bool = False) -> AsyncGenerator[Supervisor]:
    """Run the programs of the settings while the context is open, and the web process if ``with_web``.

    Raises ``SetupError`` if they cannot be started.
    """
    await asyncio.to_thread(free_ports, settings, with_web=with_web)
    async with AsyncExitStack() as stack:
        signs = {name: WatchdogSocket() for name in notifying_programs(settings)}
        for received in signs.values():
            await stack.enter_async_context(received.listening())
        supervisor = Supervisor()
        stack.push_async_callback(supervisor.stop)
        folder = nginx_folder(settings)
        rotation = run_periodically(
            "The rotation of logs", ROTATION_INTERVAL, lambda: asyncio.to_thread(rotate, folder)
        )
        await stack.enter_async_context(in_background(rotation))
        await supervisor.start(programs_of(settings, signs, with_web=with_web))
        yield supervisor


@asynccontextmanager
async def run_supervisor(settings: Settings) -> AsyncGenerator[None]:
    """Under ``reflex run``: run a supervisor for all programs but this web process while the context is open.

    Raises ``SetupError`` if it does not start.
    """
    if not settings.supervise:
        yield
        return
    signs = WatchdogSocket()
    program = Program(
        name="The supervisor",
        command=lambda: [sys.executable, "-m", MODULE, FOR_WEB_PROCESS, str(os.getpid())],
        health_check=signs.wait_for_notification,
        environment={
            **own_environment(),
            **as_environment(only_web_process(settings), with_secrets=True),
            sd_notify.VARIABLE: signs.address,
        },
        folder=ROOT,
    )
    async with signs.listening():
        child = Child(program)
        async with in_background(keep_running(program.name, child.run)):
            if error := await child.started:
                raise SetupError(f"nginx, or another program that the site needs, does not start: {error}.")
            yield
