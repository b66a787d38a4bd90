"""What a browser holds of a session, what tells it from others, where it may be sent back to."""

import re
from urllib.parse import unquote, urlsplit

SESSION_COOKIE = "streaming_session"
VIEWER_COOKIE = "streaming_viewer"
"""Tells browsers apart that nobody has signed in with, and says nothing about who it is."""
KNOWN_ACCOUNTS_COOKIE = "streaming_known"
"""Says which accounts the browser has signed in to; see ``known_browsers``."""
PATH_MAX = 512

_VIEWER = re.compile(r"[A-Za-z0-9_-]{16,64}")


def token_in(cookies: str) -> str:
    """The session token in a ``Cookie`` header; empty when it has none."""
    return cookie_in(cookies, SESSION_COOKIE)


def viewer_in(cookies: str) -> str:
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


def safe_path(wanted: str, default: str = "/") -> str:
    """``wanted`` when it is a path on this site, or else ``default``.

    Browsers drop tabs and line breaks, read a backslash as a slash and leave out ``.`` and ``..``, so none of these may
    hide a second slash, which would make what follows the name of another site.
    """
    if not wanted.startswith("/") or wanted.startswith("//") or len(wanted) > PATH_MAX:
        return default
    if "\\" in wanted or any(character <= " " or character == "\x7f" for character in wanted):
        return default
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return default
    has_dots = any(unquote(segment) in {".", ".."} for segment in parts.path.split("/"))
    return default if parts.scheme or parts.netloc or has_dots else wanted
