"""Client addresses as limits count them."""

import pytest

from streaming_app.backend.client_addresses import client_address, limit_key
from streaming_app.backend.network_settings import NetworkSettings


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_limits_count_ipv4_addresses_and_ipv6_64_bit_networks(address: str, key: str) -> None:
    assert limit_key(address) == key


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "address"),
    [
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "10.0.0.1, 203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "203.0.113.7, nonsense", "127.0.0.1"),
        ("127.0.0.1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("127.0.0.1", "::ffff:203.0.113.7", "203.0.113.7"),
        ("198.51.100.1", "203.0.113.7", "198.51.100.1"),
        ("::1", "203.0.113.7", "203.0.113.7"),
    ],
)
def test_a_connection_from_a_local_proxy_counts_for_the_forwarded_address(
    peer: str, forwarded_for: str, address: str
) -> None:
    assert client_address(peer, forwarded_for) == address


@pytest.mark.parametrize(
    ("peer", "address"), [("10.4.0.9", "203.0.113.7"), ("10.5.0.9", "10.5.0.9"), ("127.0.0.1", "203.0.113.7")]
)
def test_front_doors_in_the_networks_of_the_site_are_believed(peer: str, address: str) -> None:
    own = NetworkSettings.model_validate({"internal_networks": "10.4.0.0/16"}).own_networks

    assert client_address(peer, "203.0.113.7", own) == address
