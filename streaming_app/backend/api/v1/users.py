"""The public profiles of users."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from streaming_app.backend.accounts.avatars import avatar_path
from streaming_app.backend.api.deps import OpenBackend
from streaming_app.backend.api.v1.channels import AvatarPath, ShownName
from streaming_app.backend.api.v1.conditional_requests import ConditionalRoute
from streaming_app.backend.api.v1.error_responses import problems
from streaming_app.backend.errors import NotFoundError
from streaming_app.backend.streams.urls import channel_page

router = APIRouter(prefix="/users", tags=["users"], route_class=ConditionalRoute)


class UserResource(BaseModel):
    """What everybody may know about a user."""

    username: str = Field(examples=["Ann"])
    name: ShownName
    avatar: AvatarPath
    channel: str | None = Field(description="Slug of the user's channel; `null` if there is none.", examples=["ann"])
    page: str | None = Field(description="Path of the channel's page.", examples=["/c/ann"])


@router.get("/{username}", summary="Get a user", responses=problems(404))
async def user(
    username: Annotated[str, Path(max_length=64, description="The username, in any case.", examples=["Ann"])],
    backend: OpenBackend,
) -> UserResource:
    """Return the public profile of a user."""
    found = await backend.accounts.by_username(username)
    try:
        slug = (await backend.channels.by_slug(found.username.lower())).slug
    except NotFoundError:
        slug = None
    return UserResource(
        username=found.username,
        name=found.shown_name,
        avatar=avatar_path(found.avatar_id) or None,
        channel=slug,
        page=channel_page(slug) if slug else None,
    )
