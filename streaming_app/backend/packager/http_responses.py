"""Builds HTTP responses as byte strings, so that one response can be sent to many waiting requests."""

import gzip
from collections.abc import Mapping

COMPRESSION = 2
"""Level of gzip. Playlists shrink to a tenth at any level; only level 1 is faster."""

_REASONS = {
    200: "OK",
    204: "No Content",
    302: "Found",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    503: "Unavailable",
}
_PLAYLIST = "application/vnd.apple.mpegurl"

CACHE_BRIEFLY = "public, max-age=1"
CACHE_BLOCKING_PLAYLIST = "public, max-age=6"
"""For blocking playlists: their URL names the part that they waited for, so caches may share them."""


def playlist(text: str, *, cache: str) -> bytes:
    """Return a playlist, always compressed: nginx decompresses it for clients that do not accept gzip."""
    body = gzip.compress(text.encode(), COMPRESSION, mtime=0)
    return _response(200, body, {"Content-Type": _PLAYLIST, "Content-Encoding": "gzip", "Cache-Control": cache})


def accel_redirect(path: str) -> bytes:
    """Let nginx serve the file at this internal address."""
    return _response(200, b"", {"X-Accel-Redirect": path})


def json_document(content: bytes) -> bytes:
    """Return JSON, for processes on this machine."""
    return _response(200, content, {"Content-Type": "application/json", "Cache-Control": "no-store"})


def no_content() -> bytes:
    """Return an empty response."""
    return _response(204, b"", {})


def redirect(name: str) -> bytes:
    """Let nginx-rtmp rename the stream."""
    return _response(302, b"", {"Location": name})


def error(status: int, message: str) -> bytes:
    """Return an error as text. Caches keep a 404 for one second and other errors not at all."""
    cache = CACHE_BRIEFLY if status == 404 else "no-store"  # noqa: PLR2004 - Not Found
    return _response(
        status, f"{message}\n".encode(), {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": cache}
    )


def _response(status: int, body: bytes, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} {_REASONS[status]}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body
