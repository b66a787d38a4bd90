"""Other web servers in front of the site that end HTTPS: Caddy and nginx, with the configurations in ``deploy/``."""

import re
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from streaming_app.backend.adapters.nginx_conf import find_nginx
from tests.rig.certificates import self_signed
from tests.rig.ports import HOST, free_port
from tests.rig.processes import Process

DEPLOY = Path(__file__).parents[2] / "deploy"

HttpsProxy = Callable[[Path, int], AbstractContextManager[int]]
"""Runs a proxy for ``localhost`` in front of the port of a site, with its files in a folder. Returns its HTTPS port."""


@contextmanager
def running_caddy(folder: Path, site_port: int) -> Generator[int]:
    """Run Caddy with a certificate of its own authority."""
    https_port = free_port()
    caddyfile = folder / "Caddyfile"
    caddyfile.write_text(
        "{\n"
        f"admin off\nlocal_certs\nskip_install_trust\ndefault_bind {HOST}\n"
        f"http_port {free_port()}\nhttps_port {https_port}\n"
        "}\n"
        f"import {DEPLOY / 'caddy/Caddyfile'}\n"
    )
    environment = {
        "SITE_HOST": "localhost",
        "SITE_ADDRESS": f"{HOST}:{site_port}",
        **{name: str(folder / name.lower()) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")},
    }
    command = ["caddy", "run", "--adapter", "caddyfile", "--config", caddyfile]
    with _running("caddy", [str(word) for word in command], folder, https_port, environment):
        yield https_port


@contextmanager
def running_nginx_proxy(folder: Path, site_port: int) -> Generator[int]:
    """Run another nginx with a self-signed certificate."""
    https_port = free_port()
    certificate, key = self_signed(folder)
    site = (DEPLOY / "nginx/https-proxy.conf").read_text(encoding="utf-8")
    site = re.sub(r"\n *listen \[::\].*", "", site).replace("live.example.com;", "localhost;")
    for old, new in {
        "listen 443": f"listen {HOST}:{https_port}",
        "listen 80;": f"listen {HOST}:{free_port()};",
        "127.0.0.1:8080": f"{HOST}:{site_port}",
        "/etc/letsencrypt/live/live.example.com/fullchain.pem": str(certificate),
        "/etc/letsencrypt/live/live.example.com/privkey.pem": str(key),
    }.items():
        assert old in site
        site = site.replace(old, new)
    temporary = "\n".join(
        f'{kind}_temp_path "{folder / kind}";' for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    conf = folder / "nginx.conf"
    conf.write_text(
        f'daemon off; pid "{folder / "nginx.pid"}"; error_log stderr warn;\nevents {{}}\n'
        f"http {{\naccess_log off;\n{temporary}\n{site}\n}}\n"
    )
    command = [str(find_nginx().path), "-p", str(folder), "-c", str(conf), "-e", "stderr"]
    with _running("nginx proxy", command, folder, https_port, {}):
        yield https_port


@contextmanager
def _running(name: str, command: list[str], folder: Path, port: int, environment: dict[str, str]) -> Generator[None]:
    process = Process(name, command, folder / "proxy.log", environment=environment)
    try:
        process.wait_until_listening(port)
        yield
    finally:
        process.stop()
