"""Sets cookies that scripts cannot read, and deletes the session cookie."""

from datetime import timedelta
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from streaming_app.backend.accounts.cookies import SESSION_COOKIE, cookie_name


def is_https(headers: Headers, scheme: str) -> bool:
    """Whether the browser uses https, according to the proxy or to the browser's ``Origin`` header."""
    forwarded = headers.get("x-forwarded-proto", scheme).split(",")[0].strip()
    return "https" in {forwarded, urlsplit(headers.get("origin", "")).scheme}


def set_session_cookie(request: Request, response: Response, token: str, max_age_seconds: int) -> None:
    """Set the session cookie. Scripts cannot read it, and other sites' forms and frames do not send it.

    Under https, delete the cookie that the browser got without https, or from an older version of the site.
    """
    secure = is_https(request.headers, request.url.scheme)
    if secure and SESSION_COOKIE in request.cookies:
        response.set_cookie(SESSION_COOKIE, "", max_age=0, path="/", secure=True, httponly=True, samesite="lax")
    set_private_cookie(response, SESSION_COOKIE, token, max_age_seconds, secure=secure)


def drop_session_cookie(request: Request, response: Response) -> None:
    """Delete the session cookie."""
    set_session_cookie(request, response, "", 0)


def set_short_lived_cookie(request: Request, response: Response, name: str, value: str, lifetime: timedelta) -> None:
    """Set a private cookie with this lifetime."""
    secure = is_https(request.headers, request.url.scheme)
    set_private_cookie(response, name, value, int(lifetime.total_seconds()), secure=secure)


def set_private_cookie(response: Response, name: str, value: str, max_age_seconds: int, *, secure: bool) -> None:
    """Set a cookie that scripts cannot read. Links from other sites send it, their forms and frames do not."""
    response.set_cookie(
        cookie_name(name, secure=secure),
        value,
        max_age=max_age_seconds,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )
