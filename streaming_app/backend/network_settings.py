"""The settings of addresses, ports and TLS."""

import errno
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from streaming_app.backend.client_addresses import LOOPBACK
from streaming_app.backend.errors import SetupError
from streaming_app.backend.setting_types import BindHost, Host, IngestSecret, Networks, Port, WebProcessSettings

LOCAL = "127.0.0.1"
UNSPECIFIED = {"::", "0.0.0.0"}  # noqa: S104 - what an operator may ask for
METRICS_PORTS = 60
"""Number of ports from ``metrics_port`` on that the processes of a machine may use."""


class NetworkSettings(WebProcessSettings):
    """Where each process listens, and where others reach it."""

    bind_host: BindHost = "::"
    """Address on which nginx listens for HTTP and RTMP; ``::`` means all addresses, including IPv4."""
    trusted_proxies: Networks = LOOPBACK
    """Proxies in front of nginx whose ``X-Forwarded-For``, ``-Proto`` and ``-Host`` headers are accepted."""
    http_port: Port = 8080
    """nginx's HTTP port: one origin for pages, websockets, API and video."""
    https_port: Port = 8443
    """nginx's HTTPS port (TLS and HTTP/2), if there is a certificate."""
    tls_certificate: Path | None = None
    """PEM file with the intermediate certificates. Requires ``tls_key``, and a ``public_url`` with https."""
    tls_key: Path | None = None
    hsts_subdomains: bool = True
    """Whether browsers may open subdomains of the site only by https too, after a visit with TLS."""
    rtmp_port: Port = 1935
    rtmps_port: Port = 1936
    """The ingest's port for RTMP over TLS, if there is a certificate."""
    internal_bind_host: BindHost = LOCAL
    """Address on which web process, feed, packager and ingest listen for each other and for the front door."""
    internal_networks: Networks = ()
    """Networks of the site's other machines. See ``own_networks``."""
    web_host: Host = LOCAL
    """Where the web processes are reached, if ``web_upstreams`` does not name them."""
    web_port: Port = 8000
    feed_host: Host = LOCAL
    """Where the feed's websocket server is reached."""
    feed_port: Port = 8001
    packager_host: Host = LOCAL
    """Where the packager's HTTP server is reached."""
    packager_port: Port = 8003
    ingest_host: Host = LOCAL
    """Where nginx's ingest is reached, by the packager, the web process and the workers."""
    ingest_port: Port = 8004
    """nginx-rtmp itself, behind ``rtmp_port``."""
    nginx_admin_port: Port = 8002
    """The ingest's ``/stat`` and ``/control``."""
    ingest_secret: IngestSecret = None
    """Secret between the ingest and the backend. By default it is generated in ``data_dir``, which they share."""
    metrics_host: str = LOCAL
    """Address on which each process serves its metrics."""
    metrics_port: int = Field(default=8100, ge=0, le=65_000)
    """Port of the web process's metrics; other processes use the next ports. 0 means no metrics."""

    @property
    def own_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The networks of the site's own processes, this machine included.

        A front door in them is believed which client it forwards, and they may reach the ingest.
        """
        return (*LOOPBACK, *self.internal_networks)

    @property
    def own_internal_host(self) -> str:
        """The address at which this machine reaches its own processes."""
        return LOCAL if self.internal_bind_host in UNSPECIFIED else self.internal_bind_host

    @model_validator(mode="after")
    def _ports_differ(self) -> Self:
        ports = [
            self.http_port,
            self.https_port,
            self.rtmp_port,
            self.rtmps_port,
            self.web_port,
            self.feed_port,
            self.packager_port,
            self.ingest_port,
            self.nginx_admin_port,
            *self.more_web_ports,
        ]
        if len(set(ports)) < len(ports):
            message = (
                "HTTP_PORT, HTTPS_PORT, RTMP_PORT, RTMPS_PORT, WEB_PORT, FEED_PORT, PACKAGER_PORT, INGEST_PORT,"
                " NGINX_ADMIN_PORT and the ports from MORE_WEB_PORT on must differ"
            )
            raise ValueError(message)
        if self.metrics_port and any(0 <= port - self.metrics_port < METRICS_PORTS for port in ports):
            message = f"METRICS_PORT and the {METRICS_PORTS - 1} ports after it must differ from all other ports"
            raise ValueError(message)
        return self


def listen_error(setting: str, host: str, port: int, refused: OSError) -> SetupError:
    """Return the error for a process that cannot listen on the port of ``setting``, at ``internal_bind_host``."""
    if refused.errno == errno.EADDRINUSE:
        return SetupError(f"Port {port} is taken by another program. Stop it, or set {setting} to a free port.")
    if refused.errno == errno.EADDRNOTAVAIL:
        return SetupError(f"This machine does not have the address {host}. Correct INTERNAL_BIND_HOST.")
    return SetupError(f"Port {port} of {host} cannot be used: {refused.strerror}. Set {setting} to another port.")
