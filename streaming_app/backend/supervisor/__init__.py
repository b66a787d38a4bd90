"""The embedded default: the web process starts nginx, and the workers where there are any, and keeps them running."""

import asyncio
import fcntl
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from io import BufferedWriter
from pathlib import Path

from streaming_app.backend.adapters.nginx_conf import (
    INSTANCES,
    Instance,
    find_nginx,
    ingest_host,
    install_conf,
    prefix_of,
)
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import SetupError
from streaming_app.backend.supervisor.child import Child, Program
from streaming_app.backend.supervisor.ports import Wanted, has_open, listeners

log = logging.getLogger(__name__)

WORKERS = ("chat-archiver", "reaper", "recorder", "thumbnails")
"""Processes of their own once there is Kafka between them and the web process; tasks of it until then."""
LOCK = "supervisor.lock"
LOCK_RETRY_SECONDS = 2.0
READY_SECONDS = 15.0
LEFTOVER_SECONDS = 3.0
"""How long an nginx of a web process that was killed may take to follow it."""
POLL_SECONDS = 0.05


@asynccontextmanager
async def supervise(settings: Settings) -> AsyncGenerator[None]:
    """Keep running, while the context is open, what ``settings.supervise`` names.

    Raises ``SetupError`` when it cannot be started. Of several web processes with one data folder the first one does
    it, and when that dies another.
    """
    children = [Child(program) for program in _programs(settings)]
    if not children:
        yield
        return
    with _open_lock(settings) as lock:
        is_first = _try_lock(lock)
        try:
            if is_first:
                await _start(children, settings)
            task = asyncio.create_task(_keep_running(children, settings, lock, started=is_first))
            try:
                yield
            finally:
                task.cancel()
                await asyncio.wait([task])
        finally:
            await asyncio.gather(*(child.stop() for child in children))


def check_ports(settings: Settings) -> None:
    """Raises ``SetupError`` that names the first port of nginx that cannot be had; for a look before the start."""
    for wanted in (wanted for instance in INSTANCES for wanted in _ports_of(instance, settings)):
        if not wanted.is_free():
            raise wanted.taken()


def _programs(settings: Settings) -> list[Program]:
    logs = _nginx_folder(settings) / "logs"
    programs: list[Program] = []
    if "nginx" in settings.supervise:
        for instance in INSTANCES:
            name = f"nginx-{instance}"
            programs.append(Program(name, logs / f"{name}.log", partial(_prepare_nginx, settings, instance)))
    if "packager" in settings.supervise:
        prepare = partial(_prepare_own, settings, "packager", settings.packager_port)
        programs.append(Program("packager", logs / "packager.log", prepare))
    if "workers" in settings.supervise and settings.feed == "own":
        prepare = partial(_prepare_own, settings, "feed", settings.feed_port)
        programs.append(Program("feed", logs / "feed.log", prepare))
    if "workers" in settings.supervise and settings.kafka_bootstrap_servers:
        programs += [Program(name, logs / f"{name}.log", partial(_worker_command, name)) for name in WORKERS]
    return programs


def _worker_command(name: str) -> Sequence[str]:
    return [sys.executable, "-m", "streaming_app.backend", "worker", name]


def _prepare_own(settings: Settings, command: str, port: int) -> Sequence[str]:
    _clear(Wanted(f"{command.upper()}_PORT", "127.0.0.1", port), settings)
    return [sys.executable, "-m", "streaming_app.backend", command]


def _prepare_nginx(settings: Settings, instance: Instance) -> Sequence[str]:
    for wanted in _ports_of(instance, settings):
        _clear(wanted, settings)
    return install_conf(settings, find_nginx(), instance)


def _ports_of(instance: Instance, settings: Settings) -> list[Wanted]:
    """The ports of one nginx; its own first, by which it is known to have started."""
    if instance == "ingest":
        return [
            Wanted("NGINX_ADMIN_PORT", "127.0.0.1", settings.nginx_admin_port),
            Wanted("RTMP_PORT", settings.bind_host, settings.rtmp_port),
        ]
    return [
        Wanted("HTTP_PORT", settings.bind_host, settings.http_port),
        *([Wanted("HTTPS_PORT", settings.bind_host, settings.https_port)] if settings.tls_certificate else []),
    ]


def _nginx_folder(settings: Settings) -> Path:
    return prefix_of(settings, "ingest").parent


def _clear(wanted: Wanted, settings: Settings) -> None:
    """Wait for a child of ours that is ending, and in the end make it; who else has the port is an error."""
    deadline = time.monotonic() + LEFTOVER_SECONDS
    while not wanted.is_free():
        leftovers = {pid for pid in listeners(wanted.port) if has_open(pid, _nginx_folder(settings))}
        if not leftovers:
            time.sleep(POLL_SECONDS)
            if wanted.is_free():
                return
            raise wanted.taken()
        if time.monotonic() > deadline:
            for pid in leftovers:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        time.sleep(POLL_SECONDS)


async def _start(children: Sequence[Child], settings: Settings) -> None:
    for child in children:
        await child.start()
        if child.name == "nginx-ingest":
            await _wait_until_listening(child, "127.0.0.1", settings.nginx_admin_port)
        elif child.name == "nginx-front":
            await _wait_until_listening(child, ingest_host(settings), settings.http_port)


async def _wait_until_listening(child: Child, host: str, port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not await asyncio.to_thread(_is_open, host, port):
        if child.pid is None or time.monotonic() > deadline:
            message = f"{child.name} does not start: {child.last_words()}"
            raise SetupError(message)
        await asyncio.sleep(POLL_SECONDS)


def _is_open(host: str, port: int) -> bool:
    with suppress(OSError), socket.create_connection((host, port), timeout=1):
        return True
    return False


async def _keep_running(children: Sequence[Child], settings: Settings, lock: BufferedWriter, *, started: bool) -> None:
    if not started:
        log.info("Another process supervises %s; this one stands by", ", ".join(child.name for child in children))
        await _wait_for(lock)
        try:
            await _start(children, settings)
        except SetupError as failed:
            log.warning("%s", failed)
    async with asyncio.TaskGroup() as group:
        for child in children:
            group.create_task(child.keep_running())


async def _wait_for(lock: BufferedWriter) -> None:
    while True:
        await asyncio.sleep(LOCK_RETRY_SECONDS)
        if _try_lock(lock):
            return


def _open_lock(settings: Settings) -> BufferedWriter:
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        return (settings.data_dir / LOCK).open("ab")
    except OSError as failed:
        message = f"DATA_DIR {settings.data_dir} cannot be written: {failed.strerror}."
        raise SetupError(message) from failed


def _try_lock(lock: BufferedWriter) -> bool:
    """Held until this process ends or closes the file, however it ends."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
