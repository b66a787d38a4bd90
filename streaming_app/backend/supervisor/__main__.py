"""Runs the site: ``python -m streaming_app.backend.supervisor``. SIGTERM ends it, SIGHUP starts the new code."""

import argparse
import asyncio
import logging
import math
import os
import resource
import sys
from collections.abc import Sequence
from contextlib import suppress
from io import TextIOWrapper

from streaming_app.backend.adapters import sd_notify
from streaming_app.backend.adapters.file_lock import SUPERVISOR_LOCK, LockedError, lock_file
from streaming_app.backend.adapters.logging_setup import name_process, set_up_logging
from streaming_app.backend.adapters.metrics.definitions import SUPERVISOR
from streaming_app.backend.adapters.metrics.endpoint import serving_metrics
from streaming_app.backend.adapters.process_signals import reload_event, shutdown_event
from streaming_app.backend.background_tasks import keep_running
from streaming_app.backend.config import Settings, check_processes, read_settings
from streaming_app.backend.errors import SetupError
from streaming_app.backend.supervisor import FOR_WEB_PROCESS, Supervisor, supervise
from streaming_app.backend.supervisor.programs import ROOT, free_ports
from streaming_app.backend.supervisor.subreaper import run_below_subreaper

log = logging.getLogger(__name__)

PREDECESSOR_SECONDS = 15.0
"""How long to wait until the programs of a killed supervisor have ended."""
BUILD = (sys.executable, "scripts/build_pages.py")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the site and return the exit code: 0 after a stop signal, 1 after an error, which is printed in one line."""
    parser = argparse.ArgumentParser(prog=f"python -m {__package__}", description=__doc__)
    parser.add_argument(FOR_WEB_PROCESS, metavar="PID", type=int, help="id of the web process that started this one")
    web_process: int | None = parser.parse_args(arguments).for_web_process
    if web_process and os.getppid() != web_process:
        return 1
    set_up_logging()
    try:
        settings = read_settings()
        name_process("supervisor", settings)
        _allow_open_files()
        with _lock(settings, patiently=web_process is not None):
            if web_process is None:
                _warn_root()
            run_below_subreaper()
            asyncio.run(_run(settings, with_web=web_process is None))
    except SetupError as wrong:
        print(wrong, file=sys.stderr)  # noqa: T201
        return 1
    return 0


async def _run(settings: Settings, *, with_web: bool) -> None:
    stop, reload = shutdown_event(), reload_event()
    running = asyncio.create_task(_supervise(settings, reload, with_web=with_web))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def _supervise(settings: Settings, reload: asyncio.Event, *, with_web: bool) -> None:
    if with_web:
        check_processes(settings)
        await asyncio.to_thread(free_ports, settings, with_web=True)  # what is wrong is said before the pages are built
        if await _build_pages() != 0:
            raise SetupError("The pages could not be built: see the output above.")
    async with (
        serving_metrics(settings, "supervisor", *SUPERVISOR),
        supervise(settings, with_web=with_web) as supervisor,
        sd_notify.notify_watchdog(),
    ):
        if with_web:
            url = str(settings.public_url or f"http://localhost:{settings.http_port}").rstrip("/")
            log.info("The site is up: %s", url)
        await keep_running("Starting new code", lambda: _keep_reloading(supervisor, reload, with_web=with_web))


async def _keep_reloading(supervisor: Supervisor, reload: asyncio.Event, *, with_web: bool) -> None:
    while True:
        await reload.wait()
        reload.clear()
        if with_web and await _build_pages() != 0:
            log.error("The new pages cannot be built, so the web process keeps running the old ones")
            continue
        await supervisor.restart_code()


async def _build_pages() -> int:
    building = await asyncio.create_subprocess_exec(*BUILD, cwd=ROOT, stdin=asyncio.subprocess.DEVNULL)
    try:
        return await building.wait()
    finally:
        if building.returncode is None:
            building.terminate()


def _lock(settings: Settings, *, patiently: bool) -> TextIOWrapper:
    """Lock DATA_DIR until this process and all that inherit the file have closed it; raises ``SetupError``.

    With ``patiently``, wait for the lock as long as the supervisor of another web process has it.
    """
    try:
        if patiently:
            return lock_file(
                settings.data_dir / SUPERVISOR_LOCK, math.inf, lambda: sd_notify.notify(sd_notify.WATCHDOG)
            )
        return lock_file(settings.data_dir / SUPERVISOR_LOCK, PREDECESSOR_SECONDS)
    except LockedError as taken:
        raise SetupError(
            f"DATA_DIR {settings.data_dir.resolve()} is in use by the site that process {taken.holder} runs."
            " Stop that, or set DATA_DIR to another folder."
        ) from None


def _allow_open_files() -> None:
    """Raise the limit of open files, which children inherit, to the maximum of this machine."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _warn_root() -> None:
    if os.geteuid() == 0:
        log.warning(
            "The site runs as root, and so do the programs that decode untrusted video. Run it as another user."
        )


if __name__ == "__main__":
    sys.exit(main())
