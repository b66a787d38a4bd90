"""The order in which the forms of sign-in and registration are handled, while more wait than the site can handle."""

from collections.abc import Callable

from streaming_app.backend.accounts.known_browsers import KnownBrowsers
from streaming_app.backend.client_addresses import limit_key
from streaming_app.backend.recent_requests import RecentRequests

MEMORY_SECONDS = 60.0
"""How long a form counts at least."""

Rank = tuple[bool, int, int]
"""Place of a form among those that wait; the smallest is the next. Its parts: whether the browser is unknown, how many
forms it (or an unknown browser's address) has recently sent, and a number that is smaller the newer the form is."""


class SignInPriority:
    """Ranks forms: browsers that have signed in before come first, then addresses that sent few forms, then new forms.

    During an attack from hundreds of addresses, somebody who has just arrived does not wait for all of them, nor for
    the next attempts of the same addresses.
    """

    def __init__(self, known_browsers: KnownBrowsers, clock: Callable[[], float]) -> None:
        self._known_browsers = known_browsers
        self._forms = RecentRequests(MEMORY_SECONDS, clock)
        self._browsers = RecentRequests(MEMORY_SECONDS, clock)
        self._hashes = RecentRequests(MEMORY_SECONDS, clock)

    def of_form(self, address: str, cookies: str) -> Rank:
        """Rank a form that has just arrived from ``address``, sent by a browser with these ``cookies``."""
        forms, number = self._forms.add(limit_key(address))
        browser = self._known_browsers.browser_in(cookies)
        if browser:
            forms, _ = self._browsers.add(browser)
        return not browser, forms, -number

    def of_hash(self, address: str, *, is_known: bool) -> Rank:
        """Rank a password hash for a user at ``address``. ``is_known``: the account itself knows the browser.

        Of two hashes whose addresses have had equally many, the one whose form arrived last comes first, even if it
        waited longer for other forms.
        """
        key = limit_key(address)
        hashes, _ = self._hashes.add(key)
        return not is_known, hashes, -self._forms.newest(key)
