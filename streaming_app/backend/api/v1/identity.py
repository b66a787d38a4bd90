"""Who sends a request to ``/api/v1``, what they may do, and how many requests they may send."""

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, FastAPI, Request, Security
from fastapi.security import APIKeyCookie, HTTPBearer, SecurityScopes

from streaming_app.backend.accounts.cookies import SESSION_COOKIE
from streaming_app.backend.accounts.model import ApiToken, User
from streaming_app.backend.accounts.token_scopes import TokenScope
from streaming_app.backend.api.deps import Address, OpenBackend, SessionToken
from streaming_app.backend.api.request_checks import HEADERS
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.errors import DomainError, ForbiddenError, NotSignedInError, RateLimitedError
from streaming_app.backend.rate_limit import RateLimit

BEARER = "bearer "
NO_TOKEN = "Send an API token in the header Authorization: Bearer TOKEN. You can create one at /settings/tokens."  # noqa: S105 - a message

_bearer = HTTPBearer(
    scheme_name="token",
    bearerFormat="sat_…",
    auto_error=False,
    description="An API token with the scopes of the operation. Users create tokens at `/settings/tokens`.",
)
_cookie = APIKeyCookie(
    name=SESSION_COOKIE,
    scheme_name="session",
    auto_error=False,
    description="The session of a signed-in browser. Requests that change something must also come from a page of"
    " the site (`Origin`) and have the content type `application/json`. Under https, the name begins with `__Host-`.",
)


@dataclass(frozen=True, slots=True)
class Caller:
    """The user for whom a request acts, by an API token or by a session."""

    user: User
    token: ApiToken | None = None
    """``None`` if the request has a session."""

    def may(self, scope: TokenScope) -> bool:
        """Whether the request may use what ``scope`` allows. A session may use everything."""
        return self.token is None or self.token.allows(scope)


def request_limit(api: FastAPI, backend: Backend) -> RateLimit:
    """Return the rate limit of requests to ``/api/v1``."""
    limit = getattr(api.state, "request_limit", None)
    if not isinstance(limit, RateLimit):
        settings = backend.settings
        limit = backend.new_limit("api", settings.api_burst, settings.api_refill, "Too many requests.")
        api.state.request_limit = limit
    return limit


async def identify(
    request: Request, backend: OpenBackend, session_token: SessionToken, address: Address
) -> Caller | None:
    """Return the caller, ``None`` if the request has neither a token nor a valid session, and count the request.

    A token counts for itself, a session for its user, and everything else for the client's address. Raises
    ``RateLimitedError``; ``NotSignedInError`` or ``ForbiddenError`` if the request has a token that is not valid.
    """
    limit = request_limit(request.app, backend)
    authorization = request.headers.get("authorization", "")
    caller = None
    if authorization:
        try:
            caller = await _token_caller(backend, authorization)
        except DomainError:
            await _count(request, limit, address)
            raise
    elif session_token:
        try:
            caller = Caller(await backend.accounts.sessions.verify(session_token))
        except NotSignedInError:
            caller = None
    await _count(request, limit, _key(caller) or address)
    return caller


async def signed_in(
    scopes: SecurityScopes,
    caller: Annotated[Caller | None, Depends(identify)],
    _token: Annotated[object, Security(_bearer)],
    _session: Annotated[object, Security(_cookie)],
) -> Caller:
    """Return the caller, who has the ``scopes`` of the route; raises ``NotSignedInError`` or ``ForbiddenError``."""
    if caller is None:
        raise NotSignedInError(NO_TOKEN)
    missing = [scope for scope in scopes.scopes if not caller.may(TokenScope(scope))]
    if missing:
        raise ForbiddenError(f"This API token lacks the scope {', '.join(missing)}. Create one that has it.")
    return caller


async def _token_caller(backend: Backend, authorization: str) -> Caller:
    if not authorization.lower().startswith(BEARER):
        raise NotSignedInError(NO_TOKEN)
    user, token = await backend.api_tokens.verify(authorization[len(BEARER) :].strip())
    return Caller(user, token)


def _key(caller: Caller | None) -> str:
    if caller is None:
        return ""
    return f"token {caller.token.token_id}" if caller.token else f"user {caller.user.user_id}"


async def _count(request: Request, limit: RateLimit, key: str) -> None:
    try:
        until_full = await limit.spend(key)
    except RateLimitedError as refused:
        _report(request, limit, refused.retry_after + (limit.burst - 1) * limit.refill)
        raise
    _report(request, limit, until_full)


def _report(request: Request, limit: RateLimit, until_full: timedelta) -> None:
    request.scope["state"][HEADERS] = {
        "ratelimit-limit": str(limit.burst),
        "ratelimit-remaining": str(limit.left(until_full)),
        "ratelimit-reset": str(math.ceil(until_full.total_seconds())),
    }
