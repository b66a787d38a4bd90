"""One household counts once, whichever of its addresses it comes from."""

import pytest

from streaming_app.backend.addresses import limit_key


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
def test_a_limit_counts_ipv4_addresses_whole_and_ipv6_addresses_by_their_64_bit_network(address: str, key: str) -> None:
    assert limit_key(address) == key
