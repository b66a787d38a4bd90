"""What no request gets past: foreign pages, anything but JSON, bodies without end. And the session cookie's flags."""

import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streaming_app.backend.accounts.browser import SESSION_COOKIE, is_own_page
from streaming_app.backend.api.errors import error_response

API_PREFIX = "/api/"
BODY_MAX_BYTES = 16 * 1024
"""Ours are a few hundred."""

_TOKEN_PATH = re.compile(r"/api/channels/[^/]+/messages")
"""Where programs write, with an API token in place of the cookie."""
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class ApiGuard:
    """ASGI middleware in front of the API's routes. Documents, callbacks and Reflex's own addresses pass untouched.

    Whatever changes something under ``/api/`` must come from a page of this host (or a program that shows a token) and,
    if it has a body, as JSON: with the ``SameSite`` cookie that leaves no way for another site's page to act in a
    signed-in user's name.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through, or answer with what is wrong."""
        if scope["type"] != "http" or not scope["path"].startswith(API_PREFIX):
            await self._app(scope, receive, send)
            return
        body = await _read_body(Headers(scope=scope), receive)
        refusal = _refusal(scope, body)
        if refusal or body is None:
            await (refusal or _too_large())(scope, receive, _unstored(send))
        else:
            await self._app(scope, _replay(body, receive), _unstored(send))


def is_https(headers: Headers, scheme: str) -> bool:
    """Whether the browser came by https, as far as the front door or the browser itself says."""
    forwarded = headers.get("x-forwarded-proto", scheme).split(",")[0].strip()
    return "https" in {forwarded, urlsplit(headers.get("origin", "")).scheme}


def set_session_cookie(request: Request, response: Response, token: str, max_age_seconds: int) -> None:
    """Give the browser its session; scripts cannot read it, and other sites' forms and frames cannot send it."""
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=max_age_seconds,
        path="/",
        secure=is_https(request.headers, request.url.scheme),
        httponly=True,
        samesite="lax",
    )


def drop_session_cookie(request: Request, response: Response) -> None:
    """Take the session from the browser."""
    set_session_cookie(request, response, "", 0)


def _refusal(scope: Scope, body: bytes | None) -> Response | None:
    headers = Headers(scope=scope)
    if scope["method"] in _SAFE_METHODS:
        return None
    if not _shows_a_token(scope, headers) and not is_own_page(headers.get("origin", ""), headers.get("host", "")):
        return error_response(403, "foreign_origin", "Only this site's own pages may do that (see the Origin header).")
    is_json = headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"
    if not is_json and (body != b"" or scope["method"] in {"POST", "PUT", "PATCH"}):
        return error_response(415, "not_json", "Send JSON, with the content type application/json.")
    return None


def _shows_a_token(scope: Scope, headers: Headers) -> bool:
    """Whether a program asks, where a token counts and cookies do not; browsers send none for another site's page."""
    return _TOKEN_PATH.fullmatch(scope["path"]) is not None and "origin" not in headers


async def _read_body(headers: Headers, receive: Receive) -> bytes | None:
    """The whole body; ``None`` when it is too large, whatever its length was said to be."""
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > BODY_MAX_BYTES:
        return None
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > BODY_MAX_BYTES:
            return None
        more = message.get("more_body", False)
    return body


def _too_large() -> Response:
    return error_response(413, "too_large", f"A request may have {BODY_MAX_BYTES} bytes at most.")


def _replay(body: bytes, receive: Receive) -> Receive:
    replayed = False

    async def receive_again() -> Message:
        nonlocal replayed
        if replayed:
            return await receive()
        replayed = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again


def _unstored(send: Send) -> Send:
    """Responses speak of now, and some of one person: nobody on the way may keep them."""

    async def send_unstored(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("cache-control", "no-store")
            headers.setdefault("x-content-type-options", "nosniff")
        await send(message)

    return send_unstored
