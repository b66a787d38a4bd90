"""Sets and deletes the session cookie."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from streaming_app.backend.accounts.cookies import SESSION_COOKIE


def is_https(headers: Headers, scheme: str) -> bool:
    """Whether the browser uses https, according to the proxy or to the browser's ``Origin`` header."""
    forwarded = headers.get("x-forwarded-proto", scheme).split(",")[0].strip()
    return "https" in {forwarded, urlsplit(headers.get("origin", "")).scheme}


def set_session_cookie(request: Request, response: Response, token: str, max_age_seconds: int) -> None:
    """Set the session cookie. Scripts cannot read it, and other sites' forms and frames do not send it."""
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
    """Delete the session cookie."""
    set_session_cookie(request, response, "", 0)
