"""Channels: the list of all, one, and the change of its title and category by the owner."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response, Security
from pydantic import BaseModel, ConfigDict, Field

from streaming_app.backend.accounts.avatars import avatar_path
from streaming_app.backend.accounts.token_scopes import TokenScope
from streaming_app.backend.api.deps import OpenBackend
from streaming_app.backend.api.v1.conditional_requests import IF_MATCH, ConditionalRoute, check_unchanged, etag_of_model
from streaming_app.backend.api.v1.error_responses import problems
from streaming_app.backend.api.v1.identity import Caller, signed_in
from streaming_app.backend.api.v1.pages import Page, Pagination, decode
from streaming_app.backend.streams.model import Channel, Latency
from streaming_app.backend.streams.urls import channel_page, channel_picture, low_latency_playlist, plain_playlist

router = APIRouter(prefix="/channels", tags=["channels"], route_class=ConditionalRoute)

ShownName = Annotated[
    str,
    Field(
        description="The name that pages show: the user's display name, or else the username.",
        examples=["Ann the Great"],
    ),
]
AvatarPath = Annotated[
    str | None,
    Field(
        description="Path of the user's picture, in WebP; `null` if there is none. A new picture has a new path.",
        examples=["/api/avatars/4f0c2a9be1"],
    ),
]
Slug = Annotated[str, Path(max_length=64, description="Slug of the channel, in any case.", examples=["ann"])]


class ChannelResource(BaseModel):
    """A channel. Paths are relative to the site's origin."""

    id: str = Field(description="Identifies the channel in the paths of its media.", examples=["6f1c0d2e"])
    slug: str = Field(description="The name in the channel's address.", examples=["ann"])
    name: ShownName
    title: str = Field(examples=["Chess at night"])
    category: str = Field(description="Empty if the owner chose none.", examples=["Chess"])
    delay: Latency = Field(description="How far viewers are behind the encoder: about 0.1 s, below 1 s, or about 4 s.")
    is_live: bool = Field(description="Whether the channel has a stream that has not ended.")
    created_at: datetime
    page: str = Field(description="Path of the channel's page.", examples=["/c/ann"])
    avatar: AvatarPath
    playlist: str = Field(description="Path of the live video, as HLS.", examples=["/hls/6f1c0d2e/index.m3u8"])
    low_latency_playlist: str = Field(
        description="Path of the live video, as low-latency HLS; empty with the delay `normal`.",
        examples=["/ll/6f1c0d2e/index.m3u8"],
    )
    picture: str = Field(
        description="Path of the newest picture of the channel's video, a JPEG.", examples=["/thumbnails/6f1c0d2e.jpg"]
    )


class ChannelPatch(BaseModel):
    """The fields to change. A field that is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"title": "Chess at night"}]})

    title: str | None = Field(default=None, max_length=1_000, description="1 to 140 characters, on one line.")
    category: str | None = Field(default=None, max_length=1_000, description="Up to 40 characters, on one line.")


@router.get("", summary="List channels", responses=problems())
async def channels(
    backend: OpenBackend,
    pagination: Pagination,
    live: Annotated[bool, Query(description="Whether to list only channels that are live.")] = False,  # noqa: FBT002
) -> Page[ChannelResource]:
    """Return the channels of the site, sorted by slug."""
    place = decode(pagination.cursor, str)
    after = place[0] if place else ""
    broadcasts = await backend.streams.live()
    live_ids = {each.channel.channel_id for each in broadcasts}
    if live:
        known = sorted((each.channel for each in broadcasts), key=lambda channel: channel.slug)
        found = [channel for channel in known if channel.slug > after][: pagination.limit + 1]
    else:
        found = await backend.channels.list_after(after, pagination.limit + 1)
    items, following = pagination.page_of(found, _place)
    return Page(items=[channel_of(each, is_live=each.channel_id in live_ids) for each in items], next=following)


@router.get("/{slug}", summary="Get a channel", responses=problems(404))
async def channel(slug: Slug, backend: OpenBackend, response: Response) -> ChannelResource:
    """Return one channel. `ETag` is what `If-Match` of a change expects."""
    found, stream = await backend.streams.with_channel(slug)
    shown = channel_of(found, is_live=stream is not None and not stream.ended_at)
    response.headers["etag"] = etag_of_model(shown)
    return shown


@router.patch(
    "/{slug}",
    summary="Change title or category",
    responses=problems(401, 404, 409, 412),
    openapi_extra=IF_MATCH,
)
async def change_channel(
    slug: Slug,
    changes: ChannelPatch,
    caller: Annotated[Caller, Security(signed_in, scopes=[TokenScope.CHANNEL_WRITE])],
    backend: OpenBackend,
    request: Request,
    response: Response,
) -> ChannelResource:
    """Set the title or the category of your channel. Viewers of a running stream see it at once."""
    found, stream = await backend.streams.with_channel(slug)
    is_live = stream is not None and not stream.ended_at
    check_unchanged(request, etag_of_model(channel_of(found, is_live=is_live)))
    changed = await backend.channels.describe(caller.user.user_id, found, changes.title, changes.category)
    shown = channel_of(changed, is_live=is_live)
    response.headers["etag"] = etag_of_model(shown)
    return shown


def channel_of(channel: Channel, *, is_live: bool) -> ChannelResource:
    """Return a channel as the API shows it."""
    return ChannelResource(
        id=channel.channel_id,
        slug=channel.slug,
        name=channel.name,
        title=channel.title,
        category=channel.category,
        delay=channel.latency,
        is_live=is_live,
        created_at=channel.created_at,
        page=channel_page(channel.slug),
        avatar=avatar_path(channel.avatar_id) or None,
        playlist=plain_playlist(channel),
        low_latency_playlist=low_latency_playlist(channel),
        picture=channel_picture(channel),
    )


def _place(channel: Channel) -> list[Any]:
    return [channel.slug]
