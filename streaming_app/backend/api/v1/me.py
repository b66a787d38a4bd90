"""The user of the request, and the API token of the request."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Security
from pydantic import BaseModel, EmailStr, Field

from streaming_app.backend.accounts.token_scopes import TokenScope
from streaming_app.backend.api.v1.conditional_requests import ConditionalRoute
from streaming_app.backend.api.v1.error_responses import problems
from streaming_app.backend.api.v1.identity import Caller, signed_in
from streaming_app.backend.errors import NotFoundError
from streaming_app.backend.streams.urls import channel_page

router = APIRouter(prefix="/me", tags=["me"], route_class=ConditionalRoute)


class MeResource(BaseModel):
    """The signed-in user."""

    username: str = Field(examples=["Ann"])
    email: EmailStr = Field(examples=["ann@example.com"])
    created_at: datetime = Field(description="When the account was created.")
    channel: str = Field(description="Slug of the user's channel.", examples=["ann"])
    page: str = Field(description="Path of the channel's page.", examples=["/c/ann"])


class TokenResource(BaseModel):
    """The API token of the request."""

    name: str = Field(examples=["quiz bot"])
    scopes: list[TokenScope] = Field(description="What the token allows.")
    created_at: datetime
    expires_at: datetime | None = Field(description="When the token becomes invalid; `null` if it does not expire.")


@router.get("", summary="Get the signed-in user", responses=problems(401))
async def me(caller: Annotated[Caller, Security(signed_in, scopes=[TokenScope.PROFILE_READ])]) -> MeResource:
    """Return the user for whom the request acts."""
    user, slug = caller.user, caller.user.username.lower()
    return MeResource(
        username=user.username, email=user.email, created_at=user.created_at, channel=slug, page=channel_page(slug)
    )


@router.get("/token", summary="Get the token of the request", responses=problems(401, 404))
async def token(caller: Annotated[Caller, Security(signed_in)]) -> TokenResource:
    """Return what the request's own API token allows, and until when. With a session there is none."""
    if caller.token is None:
        raise NotFoundError("This request has a session and no API token.")
    scopes = [TokenScope(scope) for scope in caller.token.scopes if scope in set(TokenScope)]
    return TokenResource(
        name=caller.token.name,
        scopes=scopes,
        created_at=caller.token.created_at,
        expires_at=caller.token.expires_at,
    )
