"""The routes that send a browser to a sign-in provider, and receive it back."""

import logging
import secrets
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import RedirectResponse

from streaming_app.backend.accounts.cookies import PENDING_IDENTITY_COOKIE, PROVIDER_BROWSER_COOKIE, cookie_in
from streaming_app.backend.accounts.providers import pages
from streaming_app.backend.accounts.providers.model import FinishedAttempt, Purpose, SignInProblem
from streaming_app.backend.accounts.providers.policy import PROVIDER_API
from streaming_app.backend.accounts.providers.ports import ProviderError
from streaming_app.backend.accounts.providers.service import ATTEMPT_LIFETIME, PENDING_LIFETIME
from streaming_app.backend.accounts.same_origin import safe_path
from streaming_app.backend.accounts.session_service import SECOND_STEP_PAGE
from streaming_app.backend.api.auth import open_session
from streaming_app.backend.api.deps import Address, OpenBackend, SessionToken
from streaming_app.backend.api.session_cookie import set_short_lived_cookie
from streaming_app.backend.errors import (
    ForbiddenError,
    NotFoundError,
    NotSignedInError,
    RateLimitedError,
    SecondStepNeededError,
)

router = APIRouter(prefix=PROVIDER_API.rstrip("/"), include_in_schema=False)
log = logging.getLogger(__name__)
_PAGES = {
    Purpose.SIGN_IN: pages.LOGIN_PAGE,
    Purpose.LINK: pages.LINKED_ACCOUNTS_PAGE,
    Purpose.CONFIRM: pages.CONFIRM_PAGE,
}
"""The pages on which sign-ins start."""
_NEXT_PAGES = {Purpose.SIGN_IN: "/", Purpose.LINK: pages.LINKED_ACCOUNTS_PAGE, Purpose.CONFIRM: pages.SETTINGS_PAGE}
"""The pages that open after sign-ins that name none."""


@router.get("/{provider_id}/start")
async def start(
    provider_id: str,
    request: Request,
    backend: OpenBackend,
    token: SessionToken,
    address: Address,
    wanted: Annotated[str, Query(alias="next")] = "",
    link: Annotated[str, Query()] = "",
    confirm: Annotated[str, Query()] = "",
) -> Response:
    """Send the browser to the provider. Pages of other sites cannot start a sign-in.

    With ``link``, the signed-in user links the account at the provider. With ``confirm``, the signed-in user
    authenticates again.
    """
    next_path = safe_path(wanted, "")
    purpose = Purpose.LINK if link else Purpose.CONFIRM if confirm else Purpose.SIGN_IN
    if request.headers.get("sec-fetch-site") == "cross-site":
        return _redirect(pages.LOGIN_PAGE)
    browser = cookie_in(request.headers.get("cookie", ""), PROVIDER_BROWSER_COOKIE) or secrets.token_urlsafe(32)
    try:
        user_id = (await backend.accounts.sessions.verify(token)).user_id if purpose else ""
        url = await backend.providers.sign_in.start(provider_id, browser, address, next_path, purpose, user_id)
    except (NotSignedInError, NotFoundError):
        return _redirect(pages.LOGIN_PAGE)
    except RateLimitedError:
        return _failed(provider_id, FinishedAttempt(next_path, purpose, problem=SignInProblem.TOO_MANY))
    except ProviderError as failed:
        log.warning("A sign-in with %s could not start: %s", provider_id, failed)
        return _failed(provider_id, FinishedAttempt(next_path, purpose, problem=SignInProblem.FAILED))
    response = _redirect(url)
    set_short_lived_cookie(request, response, PROVIDER_BROWSER_COOKIE, browser, ATTEMPT_LIFETIME)
    return response


@router.get("/{provider_id}/callback")
async def callback(
    provider_id: str, request: Request, backend: OpenBackend, token: SessionToken, address: Address
) -> Response:
    """Receive the browser back: sign the user in, or ask what to do with an identity that belongs to nobody."""
    browser = cookie_in(request.headers.get("cookie", ""), PROVIDER_BROWSER_COOKIE)
    finished = await backend.providers.sign_in.finish(provider_id, browser, dict(request.query_params))
    if finished.problem:
        return _failed(provider_id, finished)
    if finished.pending_secret:
        response = _redirect(pages.FINISH_PAGE)
        set_short_lived_cookie(request, response, PENDING_IDENTITY_COOKIE, finished.pending_secret, PENDING_LIFETIME)
        return response
    response = _redirect(finished.next_path or _NEXT_PAGES[finished.purpose])
    if finished.user:
        ticket = await backend.accounts.sessions.issue_ticket(finished.user)
        try:
            await open_session(backend, ticket, token, address, request, response)
        except SecondStepNeededError as needed:
            query = urlencode({pages.NEXT: finished.next_path or "/"})
            return _redirect(f"{SECOND_STEP_PAGE}?{query}#{needed.secret}")
        except ForbiddenError:
            return _failed(provider_id, FinishedAttempt(finished.next_path, problem=SignInProblem.BANNED))
    return response


def _failed(provider_id: str, finished: FinishedAttempt) -> Response:
    """Redirect to the page from which the user can try again. It explains the problem."""
    page = _PAGES[finished.purpose]
    query = {pages.PROBLEM: finished.problem or "", pages.PROVIDER: provider_id, pages.NEXT: finished.next_path}
    return _redirect(f"{page}?{urlencode({name: value for name, value in query.items() if value})}")


def _redirect(url: str) -> Response:
    return RedirectResponse(url, 303)
