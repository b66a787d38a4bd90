"""Decides whether a page belongs to this site: compares the page's origin with the origin of its request."""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from pydantic import AnyHttpUrl

DEFAULT_PORTS = {"http": 80, "https": 443}
PORT_MAX = 65_535
PATH_MAX = 512
"""Maximum length of a path that a sign-in redirects to."""

_ORIGIN = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(:(?P<port>[0-9]{1,5}))?",
    re.ASCII | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Origin:
    """An origin in the sense of browsers: scheme, host and port."""

    scheme: str
    host: str
    """In lower case; an IPv6 address in brackets."""
    port: int

    def __str__(self) -> str:
        """Format the origin as browsers do: without the default port of the scheme."""
        port = "" if self.port == DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}"


@dataclass(frozen=True, slots=True)
class OwnPages:
    """Recognizes this site's own pages by the ``Origin`` header of a request."""

    public: Origin | None = None
    """The origin of ``PUBLIC_URL``. It is accepted whatever host a proxy passes on."""
    dev_page_port: int | None = None
    """The port of the pages under ``reflex run``, on the same host."""

    def include(self, page: str, asked: Origin | None) -> bool:
        """Whether a page of origin ``page`` may act for the user; ``asked`` is the origin of the request's target."""
        origin = read_origin(page)
        if origin is None:
            return False
        if origin in {asked, self.public}:
            return True
        return asked is not None and origin == Origin("http", asked.host, self.dev_page_port or 0)


def origin_of(url: AnyHttpUrl) -> Origin:
    """Return the origin of a URL."""
    return Origin(url.scheme, (url.host or "").lower(), url.port or DEFAULT_PORTS[url.scheme])


def own_pages_of(public_url: AnyHttpUrl | None, dev_page_port: int | None = None) -> OwnPages:
    """Return the rule for the site with this ``PUBLIC_URL``, if it has one."""
    return OwnPages(origin_of(public_url) if public_url else None, dev_page_port)


def read_origin(text: str) -> Origin | None:
    """Parse ``scheme://host:port``; ``None`` if ``text`` is not an origin, as with ``null``."""
    match = _ORIGIN.fullmatch(text)
    if match is None:
        return None
    scheme = match["scheme"].lower()
    port = int(match["port"]) if match["port"] else DEFAULT_PORTS[scheme]
    return Origin(scheme, match["host"].lower(), port) if 0 < port <= PORT_MAX else None


def asked_origin(host: str, forwarded_scheme: str, scheme: str = "http") -> Origin | None:
    """Return the origin that a request was sent to, from ``Host`` and ``X-Forwarded-Proto`` or the connection's scheme.

    nginx sets both headers, and accepts them only from trusted proxies.
    """
    first = forwarded_scheme.partition(",")[0].strip()
    return read_origin(f"{first or scheme}://{host}")


def safe_path(wanted: str, default: str = "/") -> str:
    """Return ``wanted`` if it is a path on this site, else ``default``.

    Browsers remove tabs and line breaks, read a backslash as a slash, and resolve ``.`` and ``..``. Paths that contain
    any of these are rejected, because they could turn into ``//`` and the name of another site.
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
