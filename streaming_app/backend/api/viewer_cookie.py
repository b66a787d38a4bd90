"""The cookie that makes all tabs of one browser one viewer: it comes with the first page and says nothing of anyone."""

import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import Message, Scope, Send

from streaming_app.backend.accounts.browser import VIEWER_COOKIE, viewer_in
from streaming_app.backend.api.security import is_https

LIFETIME_SECONDS = 400 * 24 * 3600
"""Browsers keep none longer."""


def with_viewer_cookie(scope: Scope, send: Send) -> Send:
    """Give the cookie with a page, to a browser that has none."""
    headers = Headers(scope=scope)
    if viewer_in(headers.get("cookie", "")):
        return send

    async def send_with_cookie(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer = MutableHeaders(raw=message.setdefault("headers", []))
            if answer.get("content-type", "").startswith("text/html"):
                answer.append("set-cookie", _cookie(secure=is_https(headers, scope["scheme"])))
        await send(message)

    return send_with_cookie


def _cookie(*, secure: bool) -> str:
    response = Response()
    response.set_cookie(
        VIEWER_COOKIE,
        secrets.token_urlsafe(18),
        max_age=LIFETIME_SECONDS,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )
    return response.headers["set-cookie"]
