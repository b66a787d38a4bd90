"""HTTP answers as whole byte strings: the same one goes to everybody who waited for it."""

import gzip
from collections.abc import Mapping

COMPRESSION = 2
"""gzip's level: playlists shrink to a tenth at any, and this is the quickest but one."""

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
"""A blocking playlist is named by what it waited for, so caches may hand it to all who ask for the same."""


def playlist(text: str, *, cache: str) -> bytes:
    """Compressed always: nginx unpacks it for who cannot."""
    body = gzip.compress(text.encode(), COMPRESSION, mtime=0)
    return _response(200, body, {"Content-Type": _PLAYLIST, "Content-Encoding": "gzip", "Cache-Control": cache})


def accel_redirect(path: str) -> bytes:
    """Lets nginx serve the file at this internal address."""
    return _response(200, b"", {"X-Accel-Redirect": path})


def json_document(content: bytes) -> bytes:
    """JSON, for the machine itself."""
    return _response(200, content, {"Content-Type": "application/json", "Cache-Control": "no-store"})


def no_content() -> bytes:
    """Nothing to say."""
    return _response(204, b"", {})


def redirect(name: str) -> bytes:
    """Let nginx-rtmp call the stream by another name than its publisher did."""
    return _response(302, b"", {"Location": name})


def error(status: int, message: str) -> bytes:
    """The reason for an error, as text; caches forget a 404 at once and keep nothing else."""
    cache = CACHE_BRIEFLY if status == 404 else "no-store"  # noqa: PLR2004 - it says Not Found
    return _response(
        status, f"{message}\n".encode(), {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": cache}
    )


def _response(status: int, body: bytes, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} {_REASONS[status]}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body
