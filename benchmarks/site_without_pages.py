"""The site without its pages: nginx, the packager and the API that nginx calls, to publish to and to fetch from."""

import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.site_environment import temporary_site
from streaming_app.backend.adapters.live_dir import live_dir_of
from streaming_app.backend.adapters.nginx_limits import Instance
from streaming_app.backend.api.app import create_api
from streaming_app.backend.bootstrap import Backend, open_backend
from streaming_app.backend.config import Settings
from tests.rig.nginx import nginx_processes, running_front, running_ingest
from tests.rig.processes import Process
from tests.rig.serving import serving
from tests.rig.site import ROOT, choose_ports

ONE_ADDRESS = {"CONNECTIONS_PER_ADDRESS": "20000", "FEED_MAX_CONNECTIONS_PER_ADDRESS": "20000"}
"""Limits for the front door, because all viewers of a benchmark connect from this machine."""


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU and memory use of a process at one moment."""

    cpu_seconds: float
    resident_bytes: int


@dataclass(frozen=True, slots=True)
class SiteWithoutPages:
    """A running site without pages."""

    backend: Backend
    folder: Path
    live_dir: Path
    ingest: psutil.Process
    front: psutil.Process
    """The worker process of the front door's nginx, which does all its work; ``ingest`` is that of the other nginx."""
    packager: psutil.Process

    @property
    def port(self) -> int:
        """Return the port of the front door."""
        return self.backend.settings.http_port


@asynccontextmanager
async def running_site_without_pages(changes: Mapping[str, str]) -> AsyncGenerator[SiteWithoutPages]:
    """Run a site with these settings, on free ports, while the block runs."""
    with temporary_site(choose_ports(), {"SUPERVISE": "none", "TRANSCODE": "off", **ONE_ADDRESS, **changes}) as own:
        settings = own.settings
        async with open_backend(settings) as backend:
            api = create_api()
            api.state.backend = backend
            async with serving(api, settings.web_port):
                command = [sys.executable, "-m", "streaming_app.backend.packager"]
                log = own.folder / "packager.log"
                packager = Process("packager", command, log, environment=own.environment, folder=ROOT)
                try:
                    packager.wait_until_listening(settings.packager_port)
                    with running_ingest(settings) as ingest, running_front(settings) as front:
                        workers = _worker(settings, "ingest", ingest), _worker(settings, "front", front)
                        packager_process = psutil.Process(packager.pid)
                        yield SiteWithoutPages(backend, own.folder, live_dir_of(settings), *workers, packager_process)
                finally:
                    packager.stop()


def _worker(settings: Settings, instance: Instance, master: Process) -> psutil.Process:
    master.wait_until(lambda: "worker" in nginx_processes(settings, instance), "its worker ran")
    return nginx_processes(settings, instance)["worker"]


def usage(process: psutil.Process) -> Usage:
    """Return the use of the process alone, without its children."""
    with process.oneshot():
        spent = process.cpu_times()
        return Usage(spent.user + spent.system, process.memory_info().rss)
