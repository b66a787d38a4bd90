"""The channels that the user follows."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Security
from pydantic import BaseModel, Field

from streaming_app.backend.accounts.token_scopes import TokenScope
from streaming_app.backend.api.deps import OpenBackend
from streaming_app.backend.api.v1.channels import Slug
from streaming_app.backend.api.v1.conditional_requests import ConditionalRoute
from streaming_app.backend.api.v1.error_responses import problems
from streaming_app.backend.api.v1.identity import Caller, signed_in
from streaming_app.backend.api.v1.pages import Page, Pagination, decode_time_and_id, time_and_id
from streaming_app.backend.errors import NotFoundError

router = APIRouter(prefix="/me/follows", tags=["follows"], route_class=ConditionalRoute)


class FollowResource(BaseModel):
    """A channel that the user follows."""

    channel: str = Field(description="Slug of the channel.", examples=["ann"])
    name: str = Field(description="Name of the channel that pages show.", examples=["Ann"])
    followed_at: datetime = Field(description="When the user began to follow the channel.")


@router.get("", summary="List the channels that you follow", responses=problems(401))
async def follows(
    caller: Annotated[Caller, Security(signed_in, scopes=[TokenScope.FOLLOWS_READ])],
    backend: OpenBackend,
    pagination: Pagination,
) -> Page[FollowResource]:
    """Return the channels that the user follows, the latest follow first."""
    found = await backend.follows.list_by_user(
        caller.user.user_id, pagination.limit + 1, decode_time_and_id(pagination.cursor)
    )
    items, following = pagination.page_of(found, lambda each: time_and_id(each.followed_at, each.channel_id))
    channels = {each.channel_id: each for each in await backend.channels.get_many([each.channel_id for each in items])}
    return Page(
        items=[
            FollowResource(
                channel=channels[each.channel_id].slug,
                name=channels[each.channel_id].name,
                followed_at=each.followed_at,
            )
            for each in items
            if each.channel_id in channels
        ],
        next=following,
    )


@router.put("/{slug}", status_code=204, summary="Follow a channel", responses=problems(401, 404))
async def follow(
    slug: Slug,
    caller: Annotated[Caller, Security(signed_in, scopes=[TokenScope.FOLLOWS_WRITE])],
    backend: OpenBackend,
) -> None:
    """Follow a channel. Has no effect if the user follows it already."""
    channel = await backend.channels.by_slug(slug)
    await backend.follows.follow(channel.channel_id, caller.user.user_id)


@router.delete("/{slug}", status_code=204, summary="Unfollow a channel", responses=problems(401, 404))
async def unfollow(
    slug: Slug,
    caller: Annotated[Caller, Security(signed_in, scopes=[TokenScope.FOLLOWS_WRITE])],
    backend: OpenBackend,
) -> None:
    """Unfollow a channel. Raises 404 if the user does not follow it."""
    channel = await backend.channels.by_slug(slug)
    if not (await backend.follows.following(channel.channel_id, caller.user.user_id)).is_following:
        raise NotFoundError("You do not follow this channel.")
    await backend.follows.unfollow(channel.channel_id, caller.user.user_id)
