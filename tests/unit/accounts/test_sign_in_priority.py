"""The priority of forms that wait."""

import pytest

from streaming_app.backend.accounts.cookies import KNOWN_ACCOUNTS_COOKIE, VIEWER_COOKIE
from streaming_app.backend.accounts.known_browsers import KnownBrowsers
from streaming_app.backend.accounts.sign_in_priority import SignInPriority

BROWSERS = KnownBrowsers(bytes(32))
SHARED = "198.51.100.7"


def known(viewer: str) -> str:
    """Return the cookies of a browser that has signed in."""
    cookies = f"{VIEWER_COOKIE}={viewer * 24}"
    return f"{cookies}; {KNOWN_ACCOUNTS_COOKIE}={BROWSERS.cookie('u-ann', cookies)}"


@pytest.fixture
def priority() -> SignInPriority:
    return SignInPriority(BROWSERS, lambda: 0.0)


def test_a_known_browser_comes_before_a_new_one(priority: SignInPriority) -> None:
    browser, new = priority.of_form("192.0.2.1", known("a")), priority.of_form("192.0.2.2", "")

    assert browser < new


def test_a_known_browser_does_not_wait_for_others_at_its_address(priority: SignInPriority) -> None:
    for _ in range(9):
        priority.of_form(SHARED, "")

    assert priority.of_form(SHARED, known("a"))[:2] == (False, 1)


def test_a_browser_that_sends_many_forms_comes_after_other_known_browsers(priority: SignInPriority) -> None:
    repeated = [priority.of_form(f"192.0.2.{number}", known("a")) for number in range(3)]

    assert priority.of_form("192.0.2.9", known("b")) < repeated[1] < repeated[2]


def test_a_copied_mark_makes_no_other_browser_known(priority: SignInPriority) -> None:
    stolen = known("a").replace("a" * 24, "b" * 24, 1)

    assert priority.of_form("192.0.2.1", stolen)[0]


def test_an_address_that_sent_few_forms_comes_before_one_that_sent_more(priority: SignInPriority) -> None:
    priority.of_form(SHARED, "")
    few, more = priority.of_form("192.0.2.1", ""), priority.of_form(SHARED, "")

    assert few < more


def test_the_newest_of_several_forms_comes_first(priority: SignInPriority) -> None:
    ranks = [priority.of_form(f"192.0.2.{number}", "") for number in range(3)]

    assert sorted(ranks) == ranks[::-1]


def test_addresses_of_one_ipv6_network_count_together(priority: SignInPriority) -> None:
    priority.of_form("2001:db8::1", "")

    assert priority.of_form("2001:db8::2", "")[1] == 2


def test_the_hash_of_a_newer_form_comes_first_even_if_it_is_asked_for_earlier(priority: SignInPriority) -> None:
    for address in ("192.0.2.1", "192.0.2.2"):
        priority.of_form(address, "")

    newer, older = priority.of_hash("192.0.2.2", is_known=False), priority.of_hash("192.0.2.1", is_known=False)

    assert newer < older


def test_the_hash_of_an_address_with_few_hashes_comes_first(priority: SignInPriority) -> None:
    priority.of_hash("192.0.2.1", is_known=False)
    fewer, more = priority.of_hash("192.0.2.2", is_known=False), priority.of_hash("192.0.2.1", is_known=False)

    assert fewer < more
    assert priority.of_hash("192.0.2.1", is_known=True) < fewer
