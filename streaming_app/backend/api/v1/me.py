"""The user of the request with its profile, and the API token of the request."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response, Security
from pydantic import BaseModel, ConfigDict, EmailStr, Field

from streaming_app.backend.accounts.avatars import UPLOAD_MAX_BYTES, avatar_path
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.policy import DISPLAY_NAME_MAX, DISPLAY_NAME_MIN
from streaming_app.backend.accounts.token_scopes import TokenScope
from streaming_app.backend.api.deps import OpenBackend
from streaming_app.backend.api.v1.channels import AvatarPath
from streaming_app.backend.api.v1.conditional_requests import IF_MATCH, ConditionalRoute, check_unchanged, etag_of_model
from streaming_app.backend.api.v1.error_responses import problems
from streaming_app.backend.api.v1.identity import Caller, signed_in
from streaming_app.backend.errors import NotFoundError
from streaming_app.backend.streams.urls import channel_page

router = APIRouter(prefix="/me", tags=["me"], route_class=ConditionalRoute)

ProfileWriter = Annotated[Caller, Security(signed_in, scopes=[TokenScope.PROFILE_WRITE])]
_PICTURES = {
    media_type: {"schema": {"type": "string", "format": "binary", "maxLength": UPLOAD_MAX_BYTES}}
    for media_type in ("image/png", "image/jpeg", "image/webp", "image/gif")
}


class ProfileResource(BaseModel):
    """The profile of the signed-in user."""

    username: str = Field(examples=["Ann"])
    display_name: str = Field(
        description="The name that is shown instead of the username; empty if the user has chosen none.",
        examples=["Ann the Great"],
    )
    avatar: AvatarPath
    channel: str = Field(description="Slug of the user's channel.", examples=["ann"])
    page: str = Field(description="Path of the channel's page.", examples=["/c/ann"])


class MeResource(ProfileResource):
    """The signed-in user."""

    email: EmailStr = Field(examples=["ann@example.com"])
    created_at: datetime = Field(description="When the account was created.")


class MePatch(BaseModel):
    """The fields to change. A field that is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"display_name": "Ann the Great"}]})

    display_name: str | None = Field(
        default=None,
        max_length=1_000,
        description=f"{DISPLAY_NAME_MIN} to {DISPLAY_NAME_MAX} characters, on one line; empty to show the username.",
    )


class TokenResource(BaseModel):
    """The API token of the request."""

    name: str = Field(examples=["quiz bot"])
    scopes: list[TokenScope] = Field(description="What the token allows.")
    created_at: datetime
    expires_at: datetime | None = Field(description="When the token becomes invalid; `null` if it does not expire.")


@router.get("", summary="Get the signed-in user", responses=problems(401))
async def me(
    caller: Annotated[Caller, Security(signed_in, scopes=[TokenScope.PROFILE_READ])], response: Response
) -> MeResource:
    """Return the user for whom the request acts. `ETag` is what `If-Match` of a change expects."""
    shown = _me_of(caller.user)
    response.headers["etag"] = etag_of_model(shown)
    return shown


@router.patch("", summary="Change your display name", responses=problems(401, 409, 412), openapi_extra=IF_MATCH)
async def change_me(
    changes: MePatch, caller: ProfileWriter, backend: OpenBackend, request: Request, response: Response
) -> ProfileResource:
    """Set the name that pages show instead of your username. `If-Match` and `ETag` are those of `GET /api/v1/me`."""
    user = caller.user
    check_unchanged(request, etag_of_model(_me_of(user)))
    if changes.display_name is not None:
        user = await backend.profiles.set_display_name(user, changes.display_name)
    response.headers["etag"] = etag_of_model(_me_of(user))
    return _profile_of(user)


@router.put(
    "/avatar",
    summary="Upload your picture",
    responses=problems(401),
    openapi_extra={"requestBody": {"required": True, "content": _PICTURES}},
)
async def upload_avatar(caller: ProfileWriter, backend: OpenBackend, request: Request) -> ProfileResource:
    """Replace your picture by a PNG, JPEG, WebP or GIF file, which is the body. The square in its middle is shown."""
    return _profile_of(await backend.profiles.set_avatar(caller.user, await request.body()))


@router.delete("/avatar", status_code=204, summary="Remove your picture", responses=problems(401))
async def remove_avatar(caller: ProfileWriter, backend: OpenBackend) -> None:
    """Show your initials instead of a picture. Has no effect if there is no picture."""
    await backend.profiles.remove_avatar(caller.user)


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


def _profile_of(user: User) -> ProfileResource:
    slug = user.username.lower()
    return ProfileResource(
        username=user.username,
        display_name=user.display_name,
        avatar=avatar_path(user.avatar_id) or None,
        channel=slug,
        page=channel_page(slug),
    )


def _me_of(user: User) -> MeResource:
    return MeResource(**_profile_of(user).model_dump(), email=user.email, created_at=user.created_at)
