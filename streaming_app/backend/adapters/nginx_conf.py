"""Finds the installed nginx and renders the configuration of its two instances from ``rtmp/*.conf.template``.

The ingest receives RTMP and writes HLS. The front door serves viewers. The two instances share no process, so viewers
cannot use up the connections that publishers, ``/stat`` and the callbacks need.
"""

import logging
import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from streaming_app.backend.accounts.same_origin import origin_of
from streaming_app.backend.adapters.ingest_secret import make_ingest_secret
from streaming_app.backend.adapters.live_dir import live_dir_of, packager_socket_of, realtime_socket_of
from streaming_app.backend.adapters.nginx_addresses import (
    addresses_of,
    bracketed,
    internal_addresses,
    listen_addresses,
    resolvers_for,
    rtmp_addresses,
    servers_of,
)
from streaming_app.backend.adapters.nginx_limits import (
    WEBSOCKETS_PER_PAGE,
    Instance,
    limits_of,
    warn_of_little_room,
)
from streaming_app.backend.adapters.web_processes import feed_servers, web_address, web_servers
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import SetupError
from streaming_app.backend.network_settings import LOCAL, UNSPECIFIED
from streaming_app.backend.notice_pages import FULL, STARTING, TEMPLATES, TOO_MANY_REQUESTS, render_notice

log = logging.getLogger(__name__)

NOTICES = {"starting": STARTING, "full": FULL, "too_many": TOO_MANY_REQUESTS}
"""Pages that nginx itself sends, by the names of their locations in ``front.conf.template``."""
ADMIN_PATHS = "/usr/sbin:/usr/local/sbin:/usr/local/nginx/sbin:/opt/homebrew/bin"
"""Folders of nginx that are not on the PATH of an ordinary user."""
MODULES = {
    "ngx_rtmp_module.so": r"--add-module=\S*rtmp",
    "ngx_stream_module.so": r"--with-stream(?=\s|$)",
    "ndk_http_module.so": r"--add-module=\S*(devel_kit|lua)",
    "ngx_http_lua_module.so": r"--add-module=\S*lua",
}
"""nginx modules in load order. The value is a pattern that matches ``nginx -V`` if the module is compiled in."""
MODULE_FOLDERS = ("/usr/lib/nginx/modules", "/usr/lib64/nginx/modules", "/usr/share/nginx/modules")
HOW_TO_INSTALL = (
    "Install all with: sudo apt-get install nginx libnginx-mod-rtmp libnginx-mod-stream libnginx-mod-http-lua"
)

HTTP2_DIRECTIVE_SINCE = (1, 25, 1)
"""Version of nginx that introduced the ``http2`` directive. Older versions have a parameter of ``listen``."""
ERROR_LOG_OPTION_SINCE = (1, 19, 5)
RTMP_PEER_CONNECTIONS = 3
"""Connections for each RTMP peer: one to the ``stream`` block, and both ends of the connection to nginx-rtmp."""
WEBSOCKETS_PER_SECOND = 50
"""New websockets of one address in each second, after a burst of as many as it may have."""
REPORTS_PER_SECOND = 50
"""Reports of players at one address in each second: as many as 1,000 players send."""
ACCOUNT_REQUESTS_PER_SECOND = 10
"""Requests to ``/api/auth/`` of one address in each second, after a burst of one for each page that it may have."""
PLAYLIST_SECONDS_MIN = 20
PLAYLIST_SECONDS_BEYOND_GRACE = 10
"""Seconds that the HLS playlist outlasts the grace period for reconnecting publishers.

nginx-rtmp deletes an older playlist. A publisher that returns later starts a new playlist at number 0.
"""
UNQUOTABLE = re.compile(r'["\\$\x00-\x1f\x7f]')


@dataclass(frozen=True, slots=True)
class NginxProgram:
    """An installed nginx with the RTMP, stream and Lua modules."""

    path: Path
    version: tuple[int, ...]
    modules: tuple[Path, ...]
    """Files of the modules that are not compiled in, in load order."""


def prefix_of(settings: Settings, instance: Instance) -> Path:
    """Return the folder of an instance, for its configuration, logs, process id and temporary files."""
    folder = settings.nginx_dir or settings.data_dir / "nginx"
    return folder.resolve() / instance


def find_nginx() -> NginxProgram:
    """Return the installed nginx. Raises ``SetupError`` with installation instructions if something is missing."""
    path = shutil.which("nginx") or shutil.which("nginx", path=ADMIN_PATHS)
    if path is None:
        message = f"nginx is not installed. {HOW_TO_INSTALL}"
        raise SetupError(message)
    answer = subprocess.run([path, "-V"], capture_output=True, text=True, check=False, timeout=10)  # noqa: S603 - found
    build = answer.stderr
    version = re.search(r"nginx version: \S+?/(\d+)\.(\d+)\.(\d+)", build)
    return NginxProgram(
        path=Path(path),
        version=tuple(int(part) for part in version.groups()) if version else (0,),
        modules=tuple(_find_modules(build)),
    )


def install_conf(
    settings: Settings, nginx: NginxProgram, instance: Instance, *, logs_to_stderr: bool = False
) -> list[str]:
    """Write the files of the instance and return the command that starts it. Raises ``SetupError``.

    With ``logs_to_stderr`` nginx writes its error log there, its access log to stdout, and no log of RTMP connections.
    """
    if instance == "front":
        warn_of_little_room(settings)
    prefix = prefix_of(settings, instance)
    conf = prefix / "nginx.conf"
    try:
        text = render(settings, nginx, instance, logs_to_stderr=logs_to_stderr)
        for folder in ("logs", "tmp", "pages"):
            (prefix / folder).mkdir(parents=True, exist_ok=True)
        prefix.chmod(0o700)  # the log may contain URLs with the callback password
        for folder in ("acme", "hls", "recordings", "thumbnails"):
            (settings.data_dir / folder).mkdir(parents=True, exist_ok=True)
        for name, notice in NOTICES.items():
            (prefix / "pages" / f"{name}.html").write_text(render_notice(notice).html, encoding="utf-8")
        shutil.copyfile(TEMPLATES / "collapse_requests.lua", prefix / "collapse_requests.lua")
        conf.unlink(missing_ok=True)
        conf.touch(mode=0o600)
        conf.write_text(text, encoding="utf-8")
    except OSError as failed:
        name, folder = ("NGINX_DIR", settings.nginx_dir) if settings.nginx_dir else ("DATA_DIR", settings.data_dir)
        message = f"{name} {folder} cannot be written: {failed.strerror} ({failed.filename})."
        raise SetupError(message) from failed
    command = [str(nginx.path), "-p", str(prefix), "-c", str(conf)]
    if nginx.version >= ERROR_LOG_OPTION_SINCE:
        command += ["-e", "stderr" if logs_to_stderr else str(prefix / "logs" / "error.log")]
    return command


def own_host(settings: Settings) -> str:
    """Return the IP address at which this machine reaches its own front door."""
    return LOCAL if settings.bind_host in UNSPECIFIED else settings.bind_host


def render(settings: Settings, nginx: NginxProgram, instance: Instance, *, logs_to_stderr: bool = False) -> str:
    """Return the complete configuration of an instance. Raises ``SetupError``.

    Each call creates new secrets for the name of the ingest's relay application and the path of its callbacks.
    """
    data_dir = settings.data_dir.resolve()
    live_dir = live_dir_of(settings)
    for name, path in _paths(settings, data_dir, live_dir):
        if UNQUOTABLE.search(str(path)):
            message = f'{name} {path} contains " \\ $ or a control character, which nginx does not accept in paths.'
            raise SetupError(message)
    grace = int(settings.reconnect_grace.total_seconds())
    limits = limits_of(settings)
    template = _templates().get_template(f"{instance}.conf.template")
    return template.render(
        instance=instance,
        user="root" if os.geteuid() == 0 else None,
        prefix=prefix_of(settings, instance),
        logs_to_stderr=logs_to_stderr,
        data_dir=data_dir,
        modules=nginx.modules,
        open_files=limits.open_files,
        worker_connections=limits.connections[instance],
        websockets_max=limits.websockets,
        realtime_max=limits.realtime,
        requests_max=limits.requests,
        open_file_cache=min(4096, limits.open_files // 16),
        WEBSOCKETS_PER_PAGE=WEBSOCKETS_PER_PAGE,
        WEBSOCKETS_PER_SECOND=WEBSOCKETS_PER_SECOND,
        REPORTS_PER_SECOND=REPORTS_PER_SECOND,
        ACCOUNT_REQUESTS_PER_SECOND=ACCOUNT_REQUESTS_PER_SECOND,
        connections_per_address=settings.connections_per_address,
        requests_per_second=settings.requests_per_second_per_address,
        trusted_proxies=settings.trusted_proxies,
        public_origin=origin_of(settings.public_url) if settings.public_url else None,
        live_dir=live_dir,
        listen_hosts=[bracketed(address) for address in listen_addresses(settings.bind_host)],
        internal_hosts=[bracketed(address) for address in internal_addresses(settings)],
        rtmp_hosts=[bracketed(address) for address in rtmp_addresses(settings)],
        own_networks=settings.own_networks,
        internal_networks=settings.internal_networks,
        admin_hosts="|".join(re.escape(host) for host in (LOCAL, "localhost", bracketed(settings.ingest_host))),
        rtmp_peers_max=limits.connections["ingest"] // 2 // RTMP_PEER_CONNECTIONS,
        rtmp_connections_per_address=settings.rtmp_connections_per_address,
        ingest_port=settings.ingest_port,
        relay_application=secrets.token_hex(16),
        callback_password=secrets.token_hex(16),
        secret=make_ingest_secret(settings) if instance == "ingest" else "",
        playlist_seconds=max(PLAYLIST_SECONDS_MIN, grace + PLAYLIST_SECONDS_BEYOND_GRACE),
        http_port=settings.http_port,
        https_port=settings.https_port,
        tls_certificate=_readable("TLS_CERTIFICATE", settings.tls_certificate),
        tls_key=_readable("TLS_KEY", settings.tls_key),
        hsts_subdomains=settings.hsts_subdomains,
        has_http2_directive=nginx.version >= HTTP2_DIRECTIVE_SINCE,
        rtmp_port=settings.rtmp_port,
        rtmps_port=settings.rtmps_port,
        web_address=web_address(settings),
        resolvers=resolvers_for(settings.web_host),
        web_servers=web_servers(settings),
        feed_servers=feed_servers(settings),
        packager_servers=servers_of(packager_socket_of(settings), settings.packager_host, settings.packager_port),
        packager_host=next(iter(addresses_of(settings.packager_host)), LOCAL),
        packager_port=settings.packager_port,
        packager_socket=packager_socket_of(settings),
        realtime_socket=realtime_socket_of(settings),
        nginx_admin_port=settings.nginx_admin_port,
        notice_policies={name: render_notice(notice).policy for name, notice in NOTICES.items()},
    )


@cache
def _templates() -> Environment:
    """Return the templates. Compiling them takes longer than the start of nginx, which restarts when it is killed."""
    return Environment(  # noqa: S701 - no HTML: the values are trusted, and ``render`` checks paths
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True
    )


def _paths(settings: Settings, data_dir: Path, live_dir: Path) -> list[tuple[str, Path]]:
    """Return the paths in the configuration, with the names of their settings."""
    paths = [("DATA_DIR", data_dir), ("LIVE_DIR", live_dir), ("NGINX_DIR", settings.nginx_dir or data_dir)]
    if settings.tls_certificate and settings.tls_key:
        paths += [("TLS_CERTIFICATE", settings.tls_certificate), ("TLS_KEY", settings.tls_key)]
    return paths


def _readable(name: str, file: Path | None) -> Path | None:
    if file is None:
        return None
    if not os.access(file, os.R_OK):
        message = f"{name} {file} does not exist or cannot be read."
        raise SetupError(message)
    return file.absolute()  # not the target of a link, which certbot changes when it renews the certificate


def _find_modules(build: str) -> Iterator[Path]:
    configured = re.search(r"--modules-path=(\S+)", build)
    folders = [*([configured[1]] if configured else []), *MODULE_FOLDERS]
    for name, compiled_in in MODULES.items():
        if re.search(compiled_in, build):
            continue
        found = [module for folder in folders if (module := Path(folder) / name).exists()]
        if not found:
            message = f"nginx's module {name} is not installed. {HOW_TO_INSTALL}"
            raise SetupError(message)
        yield found[0]
