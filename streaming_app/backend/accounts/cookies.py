"""Names of the site's cookies, and functions that read them from a ``Cookie`` header."""

import re

SESSION_COOKIE = "streaming_session"
VIEWER_COOKIE = "streaming_viewer"
"""Identifies an anonymous browser for counting viewers. It is random and contains no personal data."""
KNOWN_ACCOUNTS_COOKIE = "streaming_known"
"""Marks the accounts that the browser has signed in to; see ``known_browsers``."""
PROVIDER_BROWSER_COOKIE = "streaming_provider_browser"
"""Identifies the browser that started a sign-in with a provider, for some minutes."""
PENDING_IDENTITY_COOKIE = "streaming_pending_identity"
"""The secret of an identity at a provider that belongs to no user yet."""

HOST_PREFIX = "__Host-"
"""Prefix of all names under https. Browsers accept such cookies only from the site itself, not from sibling domains."""

_VIEWER = re.compile(r"[A-Za-z0-9_-]{16,64}")


def session_token_in(cookies: str) -> str:
    """Return the session token in a ``Cookie`` header; empty if there is none."""
    return cookie_in(cookies, SESSION_COOKIE)


def viewer_id_in(cookies: str) -> str:
    """Return the viewer id in a ``Cookie`` header; empty if there is none or it is invalid."""
    viewer = cookie_in(cookies, VIEWER_COOKIE)
    return viewer if _VIEWER.fullmatch(viewer) else ""


def cookie_name(name: str, *, secure: bool) -> str:
    """Return the name under which a cookie is set; ``secure`` if the browser uses https."""
    return f"{HOST_PREFIX}{name}" if secure else name


def cookie_in(cookies: str, wanted: str) -> str:
    """Return the value of the cookie ``wanted`` in a ``Cookie`` header; empty if there is none.

    A cookie with ``HOST_PREFIX`` comes before one without, which a sibling domain may have set.
    """
    found: dict[str, str] = {}
    for pair in cookies.split(";"):
        name, _, value = pair.strip().partition("=")
        found.setdefault(name, value)
    return found.get(f"{HOST_PREFIX}{wanted}") or found.get(wanted, "")
