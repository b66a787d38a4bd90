"""What a browser holds of a session, what tells it from others, where it may be sent back to."""

import re

SESSION_COOKIE = "streaming_session"
VIEWER_COOKIE = "streaming_viewer"
"""Tells browsers apart that nobody has signed in with, and says nothing about who it is."""
KNOWN_ACCOUNTS_COOKIE = "streaming_known"
"""Says which accounts the browser has signed in to; see ``known_browsers``."""

_VIEWER = re.compile(r"[A-Za-z0-9_-]{16,64}")


def session_token_in(cookies: str) -> str:
    """The session token in a ``Cookie`` header; empty when it has none."""
    return cookie_in(cookies, SESSION_COOKIE)


def viewer_id_in(cookies: str) -> str:
    """What tells the browser from others, in a ``Cookie`` header; empty when it has no such thing."""
    viewer = cookie_in(cookies, VIEWER_COOKIE)
    return viewer if _VIEWER.fullmatch(viewer) else ""


def cookie_in(cookies: str, wanted: str) -> str:
    """The value of the cookie named ``wanted`` in a ``Cookie`` header; empty when it has none."""
    for pair in cookies.split(";"):
        name, _, value = pair.strip().partition("=")
        if name == wanted:
            return value
    return ""
