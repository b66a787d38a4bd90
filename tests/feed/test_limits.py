import pytest

from streaming_app.backend.feed.limits import address_of


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
def test_a_connection_counts_against_whom_the_proxy_names_if_it_is_on_this_machine(
    peer: str, forwarded_for: str, address: str
) -> None:
    assert address_of(peer, forwarded_for) == address
