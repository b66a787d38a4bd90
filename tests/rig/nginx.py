"""The site's two nginx: settings with free ports, and access to their processes and files."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psutil

from streaming_app.backend.adapters.live_dir import feed_socket_of
from streaming_app.backend.adapters.nginx_conf import find_nginx, install_conf, prefix_of
from streaming_app.backend.adapters.nginx_limits import Instance
from streaming_app.backend.config import Settings
from tests.rig.ports import free_port
from tests.rig.processes import Process

# fmt: off
PORTS = (
    "http_port", "https_port", "rtmp_port", "rtmps_port", "web_port", "feed_port", "packager_port", "ingest_port",
    "nginx_admin_port",
)
# fmt: on


def nginx_settings(folder: Path, **changes: object) -> Settings:
    """Return settings for a site in ``folder``, on free ports of the loopback address."""
    ports = {name: free_port() for name in PORTS}
    return Settings.model_validate(
        {"data_dir": folder / "data", "bind_host": "127.0.0.1", "supervise": ["nginx"], **ports, **changes}
    )


def feed_socket(settings: Settings) -> Path:
    """Return the path of the socket on which nginx connects to the site's feed."""
    path = feed_socket_of(settings)
    assert path is not None
    return path


@contextmanager
def running_front(settings: Settings) -> Generator[Process]:
    """Run the front door alone, without a supervisor."""
    with _running(settings, "front", settings.http_port) as nginx:
        yield nginx


@contextmanager
def running_ingest(settings: Settings) -> Generator[Process]:
    """Run the ingest alone, without a supervisor."""
    with _running(settings, "ingest", settings.rtmp_port) as nginx:
        yield nginx


@contextmanager
def _running(settings: Settings, instance: Instance, port: int) -> Generator[Process]:
    command = install_conf(settings, find_nginx(), instance)
    nginx = Process(f"nginx-{instance}", command, settings.data_dir / f"nginx-{instance}.log")
    try:
        nginx.wait_until_listening(port)
        yield nginx
    finally:
        nginx.stop()


def nginx_processes(settings: Settings, instance: Instance) -> dict[str, psutil.Process]:
    """Return the processes of one of the site's nginx: its ``master``, ``worker`` and ``cache`` manager."""
    prefix = str(prefix_of(settings, instance))
    found: dict[str, psutil.Process] = {}
    for process in psutil.process_iter():
        try:
            # a process that was just forked still has the command line of the master
            if _is_master(process, prefix) and not _is_master(process.parent(), prefix):
                found["master"] = process
                for child in process.children():
                    # a process that is ending has an empty command line
                    for kind in " ".join(child.cmdline()).removeprefix("nginx: ").split()[:1]:
                        found.setdefault(kind, child)
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
    return found


def _is_master(process: psutil.Process | None, prefix: str) -> bool:
    command = " ".join(process.cmdline()) if process else ""
    return command.startswith("nginx: master") and prefix in command


def is_running(process: psutil.Process) -> bool:
    """Whether the process is running. A zombie is not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def stored_files(settings: Settings) -> str:
    """Return names and contents of all files that the site has written, except video."""
    files = sorted(settings.data_dir.rglob("*"))
    texts = [
        file.read_text(encoding="utf-8", errors="replace")
        for file in files
        if file.is_file() and file.suffix not in {".ts", ".jpg"}
    ]
    return "\n".join([*map(str, files), *texts])
