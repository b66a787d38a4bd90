"""Runs one instance of nginx until SIGTERM, and keeps the front door's addresses of other hosts up to date."""

import asyncio
import logging
import signal
from contextlib import suppress
from functools import partial

from streaming_app.backend.adapters.nginx_addresses import UNKNOWN_HOST
from streaming_app.backend.adapters.nginx_conf import NginxProgram, find_nginx, install_conf, prefix_of, render
from streaming_app.backend.adapters.nginx_limits import Instance
from streaming_app.backend.adapters.process_signals import reload_event, shutdown_event
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import SetupError
from streaming_app.backend.subprocess_environment import plain_environment

log = logging.getLogger(__name__)

LOOKUP_SECONDS = 5.0
"""How often the names of other hosts are looked up."""


async def run_nginx(settings: Settings, instance: Instance, lookup_seconds: float = LOOKUP_SECONDS) -> None:
    """Run nginx until SIGTERM or SIGINT. SIGHUP reloads the front door. Raises ``SetupError`` if nginx fails."""
    shutdown, reload = shutdown_event(), reload_event()
    nginx = find_nginx()
    command = await asyncio.to_thread(partial(install_conf, settings, nginx, instance, logs_to_stderr=True))
    process = await asyncio.create_subprocess_exec(*command, env=plain_environment())
    ended = asyncio.create_task(process.wait())
    stopping = asyncio.create_task(shutdown.wait())
    following = asyncio.create_task(_follow_hosts(settings, nginx, instance, process, reload, lookup_seconds))
    try:
        await asyncio.wait({ended, stopping, following}, return_when=asyncio.FIRST_COMPLETED)
        if following.done():
            following.result()
        if process.returncode:  # 0: nginx received SIGTERM, too
            raise SetupError(f"nginx has ended with exit code {process.returncode}: see the lines above.")
    finally:
        following.cancel()
        stopping.cancel()
        if process.returncode is None:
            process.terminate()
        await ended


async def _follow_hosts(
    settings: Settings,
    nginx: NginxProgram,
    instance: Instance,
    process: asyncio.subprocess.Process,
    reload: asyncio.Event,
    lookup_seconds: float,
) -> None:
    """Reload the front door when the addresses behind its hosts' names have changed, and on SIGHUP."""
    if instance == "ingest":  # must not be reloaded, and looks up names itself
        await asyncio.Event().wait()
    known = (prefix_of(settings, "front") / "nginx.conf").read_text(encoding="utf-8")
    problem = ""
    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout(lookup_seconds):
                await reload.wait()
        try:
            found = await asyncio.to_thread(partial(render, settings, nginx, "front", logs_to_stderr=True))
        except SetupError as wrong:  # a renewed certificate may be unreadable; nginx has the old one
            if str(wrong) != problem:
                log.error("nginx keeps its configuration: %s", wrong)  # noqa: TRY400 - the message says it all
            problem = str(wrong)
            reload.clear()
            continue
        problem = ""
        has_lost_hosts = found.count(UNKNOWN_HOST) > known.count(UNKNOWN_HOST)  # the name server may be down
        if (found != known and not has_lost_hosts) or reload.is_set():
            log.info("nginx is reloaded: another process has a new address, or SIGHUP was received")
            await asyncio.to_thread(partial(install_conf, settings, nginx, "front", logs_to_stderr=True))
            process.send_signal(signal.SIGHUP)
        if not has_lost_hosts:
            known = found
        reload.clear()
