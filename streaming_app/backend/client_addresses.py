"""Client addresses as limits count them."""

from ipaddress import IPv6Address, IPv6Network, ip_address

CLIENT_PREFIX_BITS = 64
"""Of an IPv6 address: one household or one rented server has all addresses of a /64."""


def limit_key(address: str) -> str:
    """The key under which every limit counts a client: an IPv4 address whole, the /64 of an IPv6 address.

    IPv4 mapped into IPv6 counts as the IPv4 address. Text that is no address is its own key.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or IPv6Network((parsed.packed, CLIENT_PREFIX_BITS), strict=False))
    return str(parsed)


def client_address(peer: str, forwarded_for: str) -> str:
    """The key of a connection: of the peer, or of the client that a proxy on this machine speaks for.

    That is the last address that the proxy names; the ones before it are what the client says.
    """
    try:
        if ip_address(peer).is_loopback and forwarded_for:
            return limit_key(str(ip_address(forwarded_for.rpartition(",")[2].strip())))
    except ValueError:
        return peer
    return limit_key(peer)
