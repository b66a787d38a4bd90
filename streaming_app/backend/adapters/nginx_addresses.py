"""The addresses in nginx's configuration: where nginx listens, and where it reaches the other processes."""

import fcntl
import re
import socket
import struct
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

from streaming_app.backend.config import Settings
from streaming_app.backend.network_settings import LOCAL

EVERY_ADDRESS = "::"
EVERY_IPV4_ADDRESS = "0.0.0.0"  # noqa: S104 - what an operator asks for
SIOCGIFADDR = 0x8915
"""Request for the IPv4 address of a network interface (netdevice(7))."""
NAME_SERVERS = Path("/etc/resolv.conf")
UNKNOWN_HOST = "127.0.0.1:1 down"
"""An ``upstream`` block needs a server even if the name of the host is not known yet."""


def listen_addresses(bind_host: str) -> list[str]:
    """Return the IP addresses to listen on.

    For ``::`` these are the wildcard addresses of IPv4 and, if the machine has it, of IPv6.
    """
    if bind_host != EVERY_ADDRESS:
        return [bind_host]
    return [EVERY_IPV4_ADDRESS, *([EVERY_ADDRESS] if _has_ipv6() else [])]


def internal_addresses(settings: Settings) -> list[str]:
    """Return the IP addresses of the ingest's internal ports. nginx-rtmp itself needs the loopback address."""
    return list(dict.fromkeys([LOCAL, *listen_addresses(settings.internal_bind_host)]))


def rtmp_addresses(settings: Settings) -> list[str]:
    """Return like ``internal_addresses``, but the addresses of all network interfaces in place of ``0.0.0.0``.

    nginx-rtmp would apply one setting of ``proxy_protocol`` to the wildcard and to the addresses that it includes.
    """
    found: list[str] = []
    for address in internal_addresses(settings):
        found += _interface_addresses() if address == EVERY_IPV4_ADDRESS else [address]
    return list(dict.fromkeys(found))


def addresses_of(host: str) -> list[str]:
    """Return the IP addresses of a host, in a fixed order; empty if its name is not known (yet)."""
    try:
        return [str(ip_address(host))]
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return sorted({str(entry[4][0]) for entry in found})


def servers_of(unix_socket: Path | None, host: str, port: int) -> list[str]:
    """Return the ``server`` parameters of a process: its socket with its port as a fallback, or all its addresses."""
    servers = [f"{bracketed(address)}:{port} max_fails=0" for address in addresses_of(host)]
    if unix_socket is None:
        return servers or [UNKNOWN_HOST]
    return [f'"unix:{unix_socket}" max_fails=0', *(f"{server} backup" for server in servers)]


def resolvers_for(host: str) -> list[str]:
    """Return the name servers of this machine, if nginx needs them to find the host; otherwise nothing."""
    try:
        ip_address(host)
    except ValueError:
        found = re.findall(
            r"^nameserver\s+([0-9A-Fa-f.:]+)\s*$", NAME_SERVERS.read_text(encoding="utf-8"), re.MULTILINE
        )
        return [bracketed(server) for server in found]
    return []


def bracketed(host: str) -> str:
    """Return the host as it is written before a port: an IPv6 address is in brackets."""
    return f"[{host}]" if ":" in host else host


def _interface_addresses() -> list[str]:
    found: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        for _, name in socket.if_nameindex():
            with suppress(OSError):  # an interface without an IPv4 address
                answer = fcntl.ioctl(any_socket, SIOCGIFADDR, struct.pack("256s", name.encode()))
                found.append(socket.inet_ntoa(answer[20:24]))
    return found


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind((EVERY_ADDRESS, 0))
    except OSError:
        return False
    return True
