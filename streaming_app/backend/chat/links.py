"""Finds links in messages: URLs with a scheme, and host names without one."""

import re
import unicodedata
from collections.abc import Iterator

from streaming_app.backend.chat.top_level_domains import TOP_LEVEL_DOMAINS

HOST_MAX = 253
IPV4_NUMBERS = 4
_SEPARATORS = re.compile(r"[\s<>\"'`(){}\[\],;*~^|]+")
_OTHER_DOTS = re.compile(r"(?<=[a-z0-9])[\u3002\uff61](?=[a-z0-9])", re.ASCII | re.IGNORECASE)
"""Chinese and Japanese full stops, which browsers treat as dots in host names."""
_ENDS_HOST = re.compile(r"[/\\?#]")
_LABEL = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?")
_SURROUNDING_PUNCTUATION = ".:!?…"
"""Punctuation around a link in a sentence."""


def hosts_in(text: str) -> Iterator[str]:
    """Yield the hosts that ``text`` links to, in the form of ``clean_host``. Email addresses count as links."""
    plain = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    for word in _SEPARATORS.split(_OTHER_DOTS.sub(".", plain)):
        if "." in word or "://" in word:
            yield from _hosts_of(word.strip(_SURROUNDING_PUNCTUATION))


def clean_host(typed: str) -> str:
    """Return the host in a typed host name or URL, in lower-case ASCII; empty if there is no valid host."""
    plain = unicodedata.normalize("NFKC", typed).strip().removeprefix("*.")
    host = _host(plain.partition("://")[2] or plain)
    return host if "." in host and _is_name(host) else ""


def is_allowed(host: str, allowed: tuple[str, ...]) -> bool:
    """Return whether ``host`` is one of ``allowed`` or a subdomain of one."""
    return any(host == name or host.endswith(f".{name}") for name in allowed)


def _hosts_of(word: str) -> Iterator[str]:
    first, *rest = word.split("://")
    if not rest:
        if host := _schemeless_host(first):
            yield host
        return
    for address in rest:
        if host := _host(address):
            yield host


def _schemeless_host(word: str) -> str:
    """Return the host of a link without a scheme; empty if ``word`` does not look like a link."""
    host = _host(word)
    if not _is_name(host):
        return ""
    goes_on = "/" in word.rstrip("/")
    labels = host.split(".")
    if all(label.isdecimal() for label in labels):
        return host if len(labels) == IPV4_NUMBERS and goes_on else ""
    last = labels[-1]
    if last in TOP_LEVEL_DOMAINS or last.startswith("xn--") or host.startswith("www."):
        return host
    return host if goes_on and last.isalpha() and len(last) > 1 else ""


def _is_name(host: str) -> bool:
    return "." in host and all(_LABEL.fullmatch(label) for label in host.split("."))


def _host(address: str) -> str:
    """Return the host that a browser would open: after the last @, before the port."""
    authority = _ENDS_HOST.split(address, maxsplit=1)[0].rpartition("@")[2]
    name = authority.partition(":")[0].strip(_SURROUNDING_PUNCTUATION)
    if len(name) > HOST_MAX:
        return ""
    try:
        return name.encode("idna").decode().lower()
    except UnicodeError:
        return name.lower()
