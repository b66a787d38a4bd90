"""The cookie by which an account recognizes browsers that have signed in before."""

import pytest

from streaming_app.backend.accounts.cookies import KNOWN_ACCOUNTS_COOKIE, VIEWER_COOKIE
from streaming_app.backend.accounts.known_browsers import ACCOUNTS_MAX, KnownBrowsers

BROWSERS = KnownBrowsers(bytes(32))
VIEWER = "v" * 24


def cookies(known: str, viewer: str = VIEWER) -> str:
    return f"{VIEWER_COOKIE}={viewer}; {KNOWN_ACCOUNTS_COOKIE}={known}"


def test_a_browser_is_known_only_to_the_account_that_signed_in() -> None:
    known = BROWSERS.cookie("u-ann", cookies(""))

    assert BROWSERS.knows("u-ann", cookies(known))
    assert not BROWSERS.knows("u-bob", cookies(known))


def test_a_browser_is_known_to_a_limited_number_of_accounts() -> None:
    known = ""
    for number in range(ACCOUNTS_MAX + 1):
        known = BROWSERS.cookie(f"u-{number}", cookies(known))

    assert [BROWSERS.knows(f"u-{number}", cookies(known)) for number in range(ACCOUNTS_MAX + 1)] == [
        False,
        *[True] * ACCOUNTS_MAX,
    ]
    assert BROWSERS.cookie("u-3", cookies(known)).count(".") == ACCOUNTS_MAX


def test_the_cookie_is_invalid_in_another_browser_or_with_another_key() -> None:
    known = BROWSERS.cookie("u-ann", cookies(""))

    assert not BROWSERS.knows("u-ann", cookies(known, "w" * 24))
    assert not BROWSERS.knows("u-ann", f"{KNOWN_ACCOUNTS_COOKIE}={known}")
    assert not KnownBrowsers(b"\1" * 32).knows("u-ann", cookies(known))


@pytest.mark.parametrize("junk", ["", ".", "...", "é", "a" * 5000, "\ud800"])
def test_an_invalid_cookie_makes_no_browser_known(junk: str) -> None:
    assert not BROWSERS.knows("u-ann", cookies(junk))
    assert BROWSERS.knows("u-ann", cookies(BROWSERS.cookie("u-ann", cookies(junk))))


def test_a_browser_without_a_viewer_cookie_gets_no_known_browser_cookie() -> None:
    assert BROWSERS.cookie("u-ann", "") == ""


def test_a_browser_that_has_signed_in_anywhere_has_its_viewer_id() -> None:
    known = BROWSERS.cookie("u-ann", cookies(""))

    assert BROWSERS.browser_in(cookies(known)) == VIEWER
    assert BROWSERS.browser_in(cookies(known, "w" * 24)) == BROWSERS.browser_in(cookies("")) == ""


def test_a_known_browser_has_its_own_limits() -> None:
    known = BROWSERS.cookie("u-ann", cookies(""))

    assert BROWSERS.account_key("u-ann", cookies("")) == BROWSERS.account_key("u-ann", "") == "u-ann"
    assert BROWSERS.account_key("u-ann", cookies(known)) not in {"u-ann", BROWSERS.account_key("u-bob", cookies(known))}
