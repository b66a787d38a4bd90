"""Recognizes browsers that have signed in to an account before, by a cookie with keyed hashes.

Rate limits count such browsers separately. Otherwise somebody who tries wrong passwords all day would lock the owner
out of the account.
"""

import hmac
from base64 import urlsafe_b64encode

from streaming_app.backend.accounts.cookies import KNOWN_ACCOUNTS_COOKIE, cookie_in, viewer_id_in

ACCOUNTS_MAX = 5
"""Maximum number of accounts in one browser's cookie; another one replaces the oldest."""
_MARK_BYTES = 18
_ANY_ACCOUNT = ""
"""Takes the place of an account's id in the mark of every browser that has signed in."""


class KnownBrowsers:
    """Creates and checks marks in a cookie: one for each account, and one that says that there was a sign-in.

    A mark is bound to the browser's viewer cookie.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def account_key(self, user_id: str, cookies: str) -> str:
        """Return the key under which limits count this browser: its own if it is known, else the account's."""
        return f"{user_id} {viewer_id_in(cookies)}" if self.knows(user_id, cookies) else user_id

    def browser_in(self, cookies: str) -> str:
        """Return the viewer id of a browser that has signed in to any account before; empty for another browser."""
        return viewer_id_in(cookies) if self.knows(_ANY_ACCOUNT, cookies) else ""

    def knows(self, user_id: str, cookies: str) -> bool:
        """Whether the browser with these cookies has signed in to the account before."""
        mark = self._mark(user_id, viewer_id_in(cookies))
        return bool(mark) and any(hmac.compare_digest(mark, kept) for kept in _marks(cookies))

    def cookie(self, user_id: str, cookies: str) -> str:
        """Return the cookie's new value after a sign-in; empty for a browser without a viewer cookie."""
        viewer = viewer_id_in(cookies)
        if not viewer:
            return ""
        new = [self._mark(_ANY_ACCOUNT, viewer), self._mark(user_id, viewer)]
        return ".".join([*new, *(kept for kept in _marks(cookies) if kept not in new)][: 1 + ACCOUNTS_MAX])

    def _mark(self, user_id: str, viewer: str) -> str:
        if not viewer:
            return ""
        digest = hmac.digest(self._key, f"{user_id} {viewer}".encode(), "sha256")
        return urlsafe_b64encode(digest[:_MARK_BYTES]).decode("ascii")


def _marks(cookies: str) -> list[str]:
    value = cookie_in(cookies, KNOWN_ACCOUNTS_COOKIE)
    return [mark for mark in value.split(".") if mark.isascii()] if value else []
