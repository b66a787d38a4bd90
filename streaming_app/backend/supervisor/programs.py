"""Defines the programs that make up the site, in the order in which they start."""

import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from streaming_app.backend.adapters import sd_notify
from streaming_app.backend.adapters.nginx_addresses import internal_addresses, listen_addresses
from streaming_app.backend.adapters.nginx_conf import find_nginx, install_conf, own_host, prefix_of
from streaming_app.backend.adapters.nginx_limits import INSTANCES, Instance
from streaming_app.backend.adapters.web_processes import feeds_of, name_of, web_processes_of
from streaming_app.backend.config import Settings
from streaming_app.backend.network_settings import LOCAL
from streaming_app.backend.settings_environment import as_environment
from streaming_app.backend.subprocess_environment import own_environment, plain_environment
from streaming_app.backend.supervisor.child_process import Program
from streaming_app.backend.supervisor.liveness import WatchdogSocket, check_http
from streaming_app.backend.supervisor.tcp_ports import PortCheck, free_port
from streaming_app.backend.workers.worker_list import WORKERS

ROOT = Path(__file__).resolve().parents[3]
"""The root of the repository."""
WEB = (
    *("-m", "uvicorn", "--factory", "--log-level", "warning", "--no-access-log"),
    "--no-proxy-headers",  # the app reads them itself, and only those of trusted proxies
    *("--loop", "uvloop", "--http", "httptools", "--timeout-keep-alive", "60"),  # longer than nginx keeps connections
    *("--workers", "1"),  # WEB_PROCESSES is their number, whatever WEB_CONCURRENCY says
    *(
        "--ws",
        "websockets-sansio",
        "--ws-max-size",
        "131072",
        "--ws-per-message-deflate",
        "false",
        "--ws-ping-interval",
        "0",
    ),
    *("--timeout-graceful-shutdown", "5"),
)
"""The server of the web process. Engine.IO sends its own pings, and compression would keep buffers for each page."""
APP = "streaming_app.streaming_app:app"
REFLEX_SERVES_THE_BUILD = {
    "REFLEX_ENV_MODE": "prod",
    "WEBSOCKETS_MAX_LINE_LENGTH": "16384",  # as long as nginx accepts: browsers may send many cookies
    "__REFLEX_SKIP_COMPILE": "true",
    "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
}


def programs_of(settings: Settings, signs: Mapping[str, WatchdogSocket], *, with_web: bool) -> list[Program]:
    """Return all programs to run; ``signs`` receive the notifications of those in ``notifying_programs``."""
    found: list[Program] = []
    if "nginx" in settings.supervise:
        found += [_nginx(settings, instance) for instance in INSTANCES]
    found += [_packager(settings, name, signs[name]) for name in packager_names(settings)]
    if with_web:
        found += [_web(web) for web in web_processes_of(settings)]
    if "workers" in settings.supervise and settings.feed == "own":
        found += [_feed(feed) for feed in feeds_of(settings)]
    found += [_worker(settings, name, signs[name]) for name in worker_names(settings)]
    return found


def notifying_programs(settings: Settings) -> tuple[str, ...]:
    """Names of the programs that tell by ``sd_notify`` that they are alive: they have no port, or share one."""
    return (*packager_names(settings), *worker_names(settings))


def packager_names(settings: Settings) -> tuple[str, ...]:
    """Names of the packagers. Whichever locks the live folder first serves, and the other one is the standby."""
    return ("packager", "packager-2") if "packager" in settings.supervise else ()


def worker_names(settings: Settings) -> tuple[str, ...]:
    """Names of the workers that run as processes; empty without Kafka."""
    if "workers" not in settings.supervise or not settings.kafka_bootstrap_servers:
        return ()
    return tuple(worker.name for worker in WORKERS)


def wanted_ports(settings: Settings, *, with_web: bool) -> list[PortCheck]:
    """Return all ports on which the programs listen."""
    wanted: list[PortCheck] = []
    if "nginx" in settings.supervise:
        wanted += [wanted for instance in INSTANCES for wanted in _nginx_ports(instance, settings)]
    if "packager" in settings.supervise:
        wanted += _internal_ports("PACKAGER_PORT", settings.packager_port, settings)
    if with_web:
        for web in web_processes_of(settings):
            wanted += _internal_ports(_port_setting(web, "WEB_PORT"), web.web_port, web)
    if with_web if settings.feed == "web" else "workers" in settings.supervise:
        for feed in feeds_of(settings):
            wanted += _internal_ports(_port_setting(feed, "FEED_PORT"), feed.feed_port, feed)
    return wanted


def _port_setting(web_process: Settings, name: str) -> str:
    return name if web_process.web_process == 1 else "MORE_WEB_PORT"


def free_ports(settings: Settings, *, with_web: bool) -> None:
    """Make sure that all ports are free; raises ``SetupError`` that names the first one that is not."""
    for each in wanted_ports(settings, with_web=with_web):
        free_port(each, nginx_folder(settings))


def nginx_folder(settings: Settings) -> Path:
    """The folder of both nginx instances, and of all children's logs."""
    return prefix_of(settings, "ingest").parent


def _nginx(settings: Settings, instance: Instance) -> Program:
    name = f"nginx-{instance}"

    def prepare() -> Sequence[str]:
        for wanted in _nginx_ports(instance, settings):
            free_port(wanted, nginx_folder(settings))
        return install_conf(settings, find_nginx(), instance)

    # These URLs are answered by each nginx itself, with an error status.
    check = (
        partial(check_http, LOCAL, settings.nginx_admin_port, "/stat")
        if instance == "ingest"
        else partial(check_http, own_host(settings), settings.http_port, "/rtmp/")
    )
    environment = {**plain_environment(), "TZ": "UTC"}
    return Program(name, prepare, check, environment, ROOT, _log(settings, name), must_start=True)


def _nginx_ports(instance: Instance, settings: Settings) -> list[PortCheck]:
    if instance == "ingest":
        internal = {"NGINX_ADMIN_PORT": settings.nginx_admin_port, "INGEST_PORT": settings.ingest_port}
        public = {"RTMP_PORT": settings.rtmp_port}
        public |= {"RTMPS_PORT": settings.rtmps_port} if settings.tls_certificate else {}
    else:
        internal: dict[str, int] = {}
        public = {"HTTP_PORT": settings.http_port}
        public |= {"HTTPS_PORT": settings.https_port} if settings.tls_certificate else {}
    addresses = listen_addresses(settings.bind_host)
    return [
        *(
            PortCheck(name, address, port, "INTERNAL_BIND_HOST")
            for name, port in internal.items()
            for address in internal_addresses(settings)
        ),
        *(PortCheck(name, address, port) for name, port in public.items() for address in addresses),
    ]


def _internal_ports(setting: str, port: int, settings: Settings) -> list[PortCheck]:
    addresses = listen_addresses(settings.internal_bind_host)
    return [PortCheck(setting, address, port, "INTERNAL_BIND_HOST") for address in addresses]


def web_command(settings: Settings) -> list[str]:
    """Return the command of the web process. It needs ``REFLEX_SERVES_THE_BUILD`` in its environment."""
    addresses = listen_addresses(settings.internal_bind_host)
    host = addresses[0] if len(addresses) == 1 else ""  # all addresses; with "::" uvicorn would listen on IPv6 only
    return [sys.executable, *WEB, "--host", host, "--port", str(settings.web_port), APP]


def _packager(settings: Settings, name: str, signs: WatchdogSocket) -> Program:
    """The packager handles untrusted input. It gets no secrets, and runs in a folder without ``.env``."""
    folder = nginx_folder(settings)

    def prepare() -> Sequence[str]:
        folder.mkdir(parents=True, exist_ok=True)
        return [sys.executable, "-m", "streaming_app.backend.packager"]

    return Program(
        name=name,
        command=prepare,
        health_check=signs.wait_for_notification,
        environment={
            **plain_environment(),
            **as_environment(settings, with_secrets=False),
            "PYTHONPATH": str(ROOT),
            sd_notify.VARIABLE: signs.address,
        },
        folder=folder,
        log=_log(settings, name),
    )


def _web(settings: Settings) -> Program:
    return Program(
        name=name_of(settings),
        command=lambda: web_command(settings),
        health_check=partial(check_http, settings.own_internal_host, settings.web_port, "/api/live"),
        environment={
            **_full_environment(settings),
            **REFLEX_SERVES_THE_BUILD,
            "SUPERVISE": "none",  # this supervisor does it
        },
        folder=ROOT,
        runs_site_code=True,
        restarts_in_turn=True,
        must_start=True,
    )


def _feed(settings: Settings) -> Program:
    def prepare() -> Sequence[str]:
        for wanted in _internal_ports(_port_setting(settings, "FEED_PORT"), settings.feed_port, settings):
            free_port(wanted, nginx_folder(settings))
        return _command("feed")

    name = name_of(settings, "feed")
    return Program(
        name=name,
        command=prepare,
        health_check=partial(check_http, settings.own_internal_host, settings.feed_port, "/"),
        environment=_full_environment(settings),
        folder=ROOT,
        log=_log(settings, name),
        runs_site_code=True,
        restarts_in_turn=True,
    )


def _worker(settings: Settings, name: str, signs: WatchdogSocket) -> Program:
    return Program(
        name=name,
        command=lambda: _command("worker", name),
        health_check=signs.wait_for_notification,
        environment={**_full_environment(settings), sd_notify.VARIABLE: signs.address},
        folder=ROOT,
        log=_log(settings, name),
        runs_site_code=True,
    )


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "streaming_app.backend", *words]


def _full_environment(settings: Settings) -> dict[str, str]:
    ours = {name: value for name, value in own_environment().items() if name != sd_notify.VARIABLE}
    return {**ours, **as_environment(settings, with_secrets=True)}


def _log(settings: Settings, name: str) -> Path:
    return nginx_folder(settings) / "logs" / f"{name}.log"
