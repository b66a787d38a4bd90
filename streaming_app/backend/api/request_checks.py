"""Checks API requests: refuses requests of foreign pages, wrong content types and large bodies."""

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streaming_app.backend.accounts.avatars import AVATAR_UPLOADS
from streaming_app.backend.accounts.cookies import session_token_in
from streaming_app.backend.accounts.same_origin import OwnPages, asked_origin
from streaming_app.backend.api.errors import error_response
from streaming_app.backend.api.problems import V1_PREFIX
from streaming_app.backend.chat.emote_policy import UPLOAD_MAX_BYTES

API_PREFIX = "/api/"
BODY_MAX_BYTES = 16 * 1024
"""The API's own bodies have a few hundred bytes."""
EMOTE_UPLOADS = "/api/studio/emotes"
_PICTURE_UPLOADS = frozenset({EMOTE_UPLOADS, AVATAR_UPLOADS, f"{V1_PREFIX}/me/avatar"})
"""The only paths that accept pictures instead of JSON."""

_TOKEN_PATH = re.compile(r"/api/channels/[^/]+/messages")
"""Paths outside of ``/api/v1`` where programs post with an API token instead of the cookie."""
HEADERS = "response_headers"
"""Name of the request's state with further headers of the response."""
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class ApiGuard:
    """ASGI middleware for all paths below ``/api/``; all others are passed on unchanged.

    A request that changes data must come from a page of this site, or from a program with a token. Its body must be
    JSON, or a picture where pictures are accepted. For pages of other sites, browsers send such requests only after a
    CORS preflight, which fails. Together with the ``SameSite`` cookie, this prevents cross-site request forgery.
    """

    def __init__(self, app: ASGIApp, own_pages: OwnPages) -> None:
        self._app = app
        self._own_pages = own_pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer with an error."""
        if scope["type"] != "http" or not scope["path"].startswith(API_PREFIX):
            await self._app(scope, receive, send)
            return
        most = UPLOAD_MAX_BYTES if scope["path"] in _PICTURE_UPLOADS else BODY_MAX_BYTES
        body = await _read_body(Headers(scope=scope), receive, most)
        refusal = self._refusal(scope, body)
        if refusal or body is None:
            await (refusal or _too_large(scope["path"], most))(scope, receive, _add_headers(scope, send))
        else:
            await self._app(scope, _replay(body, receive), _add_headers(scope, send))

    def _refusal(self, scope: Scope, body: bytes | None) -> Response | None:
        headers = Headers(scope=scope)
        if scope["method"] in _SAFE_METHODS:
            return None
        if not (_uses_token(scope, headers) or self._is_from_own_page(scope, headers)):
            return error_response(
                scope["path"],
                403,
                "foreign_origin",
                "This request must come from the site's own pages (check the Origin header).",
            )
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        needs_body = scope["method"] in {"POST", "PUT", "PATCH"} and not (_uses_token(scope, headers) and _is_v1(scope))
        if body == b"" and not needs_body:
            return None
        if scope["path"] in _PICTURE_UPLOADS:
            return None if _may_be_picture(kind) else _no_picture(scope["path"])
        return None if kind == "application/json" else _no_json(scope["path"])

    def _is_from_own_page(self, scope: Scope, headers: Headers) -> bool:
        asked = asked_origin(headers.get("host", ""), headers.get("x-forwarded-proto", ""), scope["scheme"])
        return self._own_pages.include(headers.get("origin", ""), asked)


def _uses_token(scope: Scope, headers: Headers) -> bool:
    """Whether the request does not act for the session of a browser.

    In ``/api/v1`` the session is ignored if there is an ``Authorization`` header, which pages of other sites cannot
    send. At the other paths with tokens the session is always ignored, and browsers always send ``Origin``.
    """
    if _is_v1(scope):
        return "authorization" in headers or not session_token_in(headers.get("cookie", ""))
    return _TOKEN_PATH.fullmatch(scope["path"]) is not None and "origin" not in headers


def _is_v1(scope: Scope) -> bool:
    return str(scope["path"]).startswith(f"{V1_PREFIX}/")


def _may_be_picture(kind: str) -> bool:
    return kind.startswith("image/") or kind == "application/octet-stream"


def _no_picture(path: str) -> Response:
    return error_response(path, 415, "not_picture", "Send the image file with its content type, such as image/png.")


def _no_json(path: str) -> Response:
    return error_response(path, 415, "not_json", "Send JSON, with the content type application/json.")


async def _read_body(headers: Headers, receive: Receive, most: int) -> bytes | None:
    """Read the whole body; ``None`` if it exceeds ``most`` bytes, whatever ``Content-Length`` says."""
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > most:
        return None
    body = bytearray()
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > most:
            return None
        more = message.get("more_body", False)
    return bytes(body)


def _too_large(path: str, most: int) -> Response:
    return error_response(path, 413, "too_large", f"A request may have {most} bytes at most.")


def _replay(body: bytes, receive: Receive) -> Receive:
    replayed = False

    async def receive_again() -> Message:
        nonlocal replayed
        if replayed:
            return await receive()
        replayed = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again


def _add_headers(scope: Scope, send: Send) -> Send:
    """Add headers against caching, because responses are only valid now and some contain personal data.

    Also add the headers that a handler put into the request's state under ``HEADERS``, to errors as well.
    """
    state = scope.setdefault("state", {})

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("cache-control", "no-store")
            headers.setdefault("x-content-type-options", "nosniff")
            headers.update(state.get(HEADERS, {}))
        await send(message)

    return send_with_headers
