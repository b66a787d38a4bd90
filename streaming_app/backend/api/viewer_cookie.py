"""Sets the cookies that identify an anonymous browser, and the accounts that know the browser."""

import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Scope, Send

from streaming_app.backend.accounts.cookies import KNOWN_ACCOUNTS_COOKIE, VIEWER_COOKIE, viewer_id_in
from streaming_app.backend.api.session_cookie import is_https, set_private_cookie

LIFETIME_SECONDS = 400 * 24 * 3600
"""The longest lifetime that browsers accept."""


def with_viewer_cookie(scope: Scope, send: Send) -> Send:
    """Add the viewer cookie to an HTML response, if the browser has none."""
    headers = Headers(scope=scope)
    if viewer_id_in(headers.get("cookie", "")):
        return send

    async def send_with_cookie(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer = MutableHeaders(raw=message.setdefault("headers", []))
            if answer.get("content-type", "").startswith("text/html"):
                answer.append("set-cookie", _cookie(secure=is_https(headers, scope["scheme"])))
        await send(message)

    return send_with_cookie


def set_known_accounts_cookie(request: Request, response: Response, value: str) -> None:
    """Set the cookie of known accounts; do nothing if ``value`` is empty."""
    if value:
        secure = is_https(request.headers, request.url.scheme)
        set_private_cookie(response, KNOWN_ACCOUNTS_COOKIE, value, LIFETIME_SECONDS, secure=secure)


def _cookie(*, secure: bool) -> str:
    response = Response()
    set_private_cookie(response, VIEWER_COOKIE, secrets.token_urlsafe(18), LIFETIME_SECONDS, secure=secure)
    return response.headers["set-cookie"]
