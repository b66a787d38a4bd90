"""Session routes: redeem a ticket for the session cookie, and sign out."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, StringConstraints

from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.session_service import SECOND_STEP_PAGE
from streaming_app.backend.adapters.user_agents import device_of
from streaming_app.backend.api.deps import Address, OpenBackend, SessionToken, VerifiedUser
from streaming_app.backend.api.session_cookie import drop_session_cookie, set_session_cookie
from streaming_app.backend.api.viewer_cookie import set_known_accounts_cookie
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.errors import SecondStepNeededError
from streaming_app.backend.streams.urls import channel_page

router = APIRouter(prefix="/api")


class Redemption(BaseModel):
    """The ticket from the sign-in form."""

    ticket: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Me(BaseModel):
    """The signed-in user."""

    username: str
    email: str
    channel: str
    """Path of the user's channel."""


class SecondStep(BaseModel):
    """What the page needs to continue a sign-in that requires a second step."""

    page: str
    """Path of the page that asks for the code."""
    secret: str
    """Goes into the fragment of the page's URL."""


@router.post("/auth/session", status_code=201, responses={202: {"model": SecondStep}})
async def sign_in(
    redemption: Redemption,
    replaced: SessionToken,
    address: Address,
    backend: OpenBackend,
    request: Request,
    response: Response,
) -> Me | SecondStep:
    """Open a session and set its cookie. The browser's previous session ends.

    If the account needs a second step, nothing changes, and the answer is 202 with the page that asks for the code.
    """
    try:
        return _me(await open_session(backend, redemption.ticket, replaced, address, request, response))
    except SecondStepNeededError as needed:
        response.status_code = 202
        return SecondStep(page=SECOND_STEP_PAGE, secret=needed.secret)


async def open_session(
    backend: Backend, ticket: str, replaced: str, address: str, request: Request, response: Response
) -> User:
    """Redeem ``ticket``, set the cookies of the new session, and end the session of the token ``replaced``.

    Raises ``NotSignedInError``, ``ForbiddenError`` and ``SecondStepNeededError``.
    """
    device = device_of(request.headers.get("user-agent", ""))
    signed_in = await backend.accounts.sessions.redeem(ticket, device, address)
    await backend.accounts.sessions.sign_out(replaced)
    lifetime = signed_in.expires_at - datetime.now(UTC)
    set_session_cookie(request, response, signed_in.token, int(lifetime.total_seconds()))
    known = backend.accounts.known_browser_cookie(signed_in.user, request.headers.get("cookie", ""))
    set_known_accounts_cookie(request, response, known)
    return signed_in.user


@router.delete("/auth/session", status_code=204)
async def sign_out(token: SessionToken, backend: OpenBackend, request: Request, response: Response) -> None:
    """End the session, in every tab and for every copy of the cookie; do nothing without a session."""
    await backend.accounts.sessions.sign_out(token)
    drop_session_cookie(request, response)


@router.get("/users/me")
async def me(user: VerifiedUser) -> Me:
    """Return the signed-in user."""
    return _me(user)


def _me(user: User) -> Me:
    return Me(username=user.username, email=user.email, channel=channel_page(user.username.lower()))
