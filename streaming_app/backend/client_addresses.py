"""Client addresses, in the form in which rate limits count them."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

LOOPBACK = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
CLIENT_PREFIX_BITS = 64
"""Length of the IPv6 prefix that counts as one client: a household or a rented server has a whole /64."""


def limit_key(address: str) -> str:
    """Return the key under which limits count a client: the IPv4 address, or the /64 prefix of an IPv6 address.

    An IPv4-mapped IPv6 address counts as the IPv4 address. Text that is not an address is returned unchanged.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or IPv6Network((parsed.packed, CLIENT_PREFIX_BITS), strict=False))
    return str(parsed)


def client_address(peer: str, forwarded_for: str, own_networks: Sequence[IPv4Network | IPv6Network] = LOOPBACK) -> str:
    """Return the limit key of a connection's client: the peer, or the client of a front door in these networks.

    The front door's client is the last address in ``X-Forwarded-For``. The client itself may have sent the others.
    """
    try:
        if forwarded_for and any(ip_address(peer) in network for network in own_networks):
            return limit_key(str(ip_address(forwarded_for.rpartition(",")[2].strip())))
    except ValueError:
        return peer
    return limit_key(peer)


def is_within(peer: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    """Whether the peer of a connection has an address in one of ``networks``."""
    try:
        parsed = ip_address(peer)
    except ValueError:
        return False
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return any((mapped or parsed) in network for network in networks)


def is_local_request(peer: str, forwarded_for: str) -> bool:
    """Whether the peer of a connection and all addresses in its ``X-Forwarded-For`` are on this machine."""
    return all(_is_loopback(address.strip()) for address in [peer, *filter(None, forwarded_for.split(","))])


def is_local_host(host: str) -> bool:
    """Whether ``host``, the value of a ``Host`` header, is ``localhost`` or a loopback address, with any port."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return name == "localhost" or _is_loopback(name)


def _is_loopback(address: str) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return (mapped or parsed).is_loopback
