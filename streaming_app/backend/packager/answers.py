"""HTTP answers as whole byte strings: the same one goes to everybody who waited for it."""

import gzip
import json
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

KEPT_BRIEFLY = "public, max-age=1"
KEPT_WHILE_ASKED = "public, max-age=6"
"""A blocking playlist is named by what it waited for, so caches may hand it to all who ask for the same."""


def playlist(text: str, *, cache: str) -> bytes:
    """Compressed always: nginx unpacks it for who cannot."""
    body = gzip.compress(text.encode(), COMPRESSION, mtime=0)
    return _answer(200, body, {"Content-Type": _PLAYLIST, "Content-Encoding": "gzip", "Cache-Control": cache})


def file(path: str) -> bytes:
    """Lets nginx serve the file at this internal address."""
    return _answer(200, b"", {"X-Accel-Redirect": path})


def document(content: object) -> bytes:
    """JSON, for the machine itself."""
    return _answer(200, json.dumps(content).encode(), {"Content-Type": "application/json", "Cache-Control": "no-store"})


def done() -> bytes:
    """Nothing to say."""
    return _answer(204, b"", {})


def renamed(name: str) -> bytes:
    """Let nginx-rtmp call the stream by another name than its publisher did."""
    return _answer(302, b"", {"Location": name})


def refusal(status: int, words: str) -> bytes:
    """Why not, in words; caches forget a 404 at once and keep nothing else."""
    cache = KEPT_BRIEFLY if status == 404 else "no-store"  # noqa: PLR2004 - it says Not Found
    return _answer(status, f"{words}\n".encode(), {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": cache})


def _answer(status: int, body: bytes, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} {_REASONS[status]}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body
