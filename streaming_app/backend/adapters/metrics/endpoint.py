"""Serves the metrics of a process for Prometheus, at ``http://METRICS_HOST:port/metrics``."""

import asyncio
import logging
import platform
import tomllib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from time import monotonic
from typing import NoReturn
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.metrics import MetricWrapperBase

from streaming_app.backend.adapters.metrics.definitions import BUILD, EVERY_PROCESS, LOOP_LAG
from streaming_app.backend.adapters.metrics.exposed import ProcessCollector, exposed
from streaming_app.backend.background_tasks import in_background
from streaming_app.backend.config import Settings

log = logging.getLogger(__name__)

PROJECT = Path(__file__).parents[4] / "pyproject.toml"
RETRY_SECONDS = 5.0
"""Interval at which a process tries to listen again, because the process that it replaces has not ended yet."""
LAG_INTERVAL_SECONDS = 0.5
PROCESSES = (
    *("web", "feed", "packager", "supervisor"),
    *("chat-archiver", "reaper", "recorder", "thumbnails", "account-deletion", "log-sink"),
)
"""All processes. The port of a process is ``METRICS_PORT`` and its index, so add new ones at the end."""
_SECOND = {"web": 20, "feed": 40}
"""Offset of the port of the second process of this kind on a machine."""


def metrics_port(settings: Settings, process: str) -> int:
    """Return the port of one of ``PROCESSES``, where ``settings`` are those of the process itself."""
    if process in _SECOND and settings.web_process > 1:
        return settings.metrics_port + _SECOND[process] + settings.web_process - 2
    return settings.metrics_port + PROCESSES.index(process)


@asynccontextmanager
async def serving_metrics(settings: Settings, process: str, *metrics: MetricWrapperBase) -> AsyncGenerator[None]:
    """Serve ``metrics`` and ``EVERY_PROCESS`` while the context is open, unless ``METRICS_PORT`` is 0.

    The process works without metrics while its port is taken, for example by the process that it replaces.
    """
    if not settings.metrics_port:
        yield
        return
    BUILD.info({"version": _version(), "python": platform.python_version(), "process": process})
    with exposed((*EVERY_PROCESS, *metrics)):
        async with in_background(_measure_lag()), in_background(_serve(settings, process)):
            yield


async def _serve(settings: Settings, process: str) -> NoReturn:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(ProcessCollector(asyncio.get_running_loop()))
    server = await _listen(settings.metrics_host, metrics_port(settings, process), registry)
    try:
        await asyncio.Event().wait()
        raise AssertionError
    finally:
        await asyncio.to_thread(_close, server)


async def _listen(host: str, port: int, registry: CollectorRegistry) -> WSGIServer:
    """Listen on the port. While it is taken, try again."""
    is_reported = False
    while True:
        try:
            server, _ = await asyncio.to_thread(start_http_server, port, host, registry)
        except OSError as refused:
            if not is_reported:
                log.warning("Metrics are not served yet: %s:%d: %s", host, port, refused.strerror)
                is_reported = True
        else:
            log.info("Metrics are served at http://%s:%d/metrics", host, port)
            return server
        await asyncio.sleep(RETRY_SECONDS)


def _close(server: WSGIServer) -> None:
    server.shutdown()
    server.server_close()


async def _measure_lag() -> NoReturn:
    while True:
        due = monotonic() + LAG_INTERVAL_SECONDS
        await asyncio.sleep(LAG_INTERVAL_SECONDS)
        LOOP_LAG.observe(max(0.0, monotonic() - due))


@cache
def _version() -> str:
    return str(tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["version"])
