"""Which pages are this site's own: the origin of the page that asks, compared with the origin that it asks."""

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
    """Scheme, host and port: what browsers keep apart."""

    scheme: str
    host: str
    """In lower case; an IPv6 address in brackets."""
    port: int

    def __str__(self) -> str:
        """As browsers write it: without the port that the scheme has anyway."""
        port = "" if self.port == DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}"


@dataclass(frozen=True, slots=True)
class OwnPages:
    """Tells this site's pages from all others, by the ``Origin`` header of a request."""

    public: Origin | None = None
    """The origin of ``PUBLIC_URL``, whatever name a proxy asks by."""
    dev_page_port: int | None = None
    """Where ``reflex run`` serves pages: another port of the same host."""

    def include(self, page: str, asked: Origin | None) -> bool:
        """Whether the page of this origin may act for the user; ``asked`` is what the request was addressed to."""
        origin = read_origin(page)
        if origin is None:
            return False
        if origin in {asked, self.public}:
            return True
        return asked is not None and origin == Origin("http", asked.host, self.dev_page_port or 0)


def origin_of(url: AnyHttpUrl) -> Origin:
    """The origin of an address."""
    return Origin(url.scheme, (url.host or "").lower(), url.port or DEFAULT_PORTS[url.scheme])


def own_pages_of(public_url: AnyHttpUrl | None, dev_page_port: int | None = None) -> OwnPages:
    """The pages of the site whose ``PUBLIC_URL`` this is, if it has one."""
    return OwnPages(origin_of(public_url) if public_url else None, dev_page_port)


def read_origin(text: str) -> Origin | None:
    """``scheme://host:port`` and nothing after it; ``None`` for what is no origin, such as ``null``."""
    match = _ORIGIN.fullmatch(text)
    if match is None:
        return None
    scheme = match["scheme"].lower()
    port = int(match["port"]) if match["port"] else DEFAULT_PORTS[scheme]
    return Origin(scheme, match["host"].lower(), port) if 0 < port <= PORT_MAX else None


def asked_origin(host: str, forwarded_scheme: str, scheme: str = "http") -> Origin | None:
    """What a request was addressed to: its ``Host``, and ``X-Forwarded-Proto`` or else the scheme of the connection.

    The front door sets both headers, and takes them from trusted proxies only.
    """
    first = forwarded_scheme.partition(",")[0].strip()
    return read_origin(f"{first or scheme}://{host}")


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
