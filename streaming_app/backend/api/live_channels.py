"""The public list of live channels."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from streaming_app.backend.api.deps import OpenBackend
from streaming_app.backend.streams.audience import Audience
from streaming_app.backend.streams.model import Broadcast, StreamState
from streaming_app.backend.streams.urls import channel_page, channel_picture, plain_playlist

router = APIRouter(prefix="/api/channels")


class LiveChannelEntry(BaseModel):
    """A live channel. Paths are relative to the site's origin."""

    slug: str
    name: str
    title: str
    category: str
    state: StreamState
    started_at: datetime
    viewers: int
    page: str
    playlist: str
    preview: str
    """A JPEG, renewed every few seconds. It does not exist in the first seconds of a stream."""


class LiveChannelsResponse(BaseModel):
    """All live channels, newest first."""

    channels: list[LiveChannelEntry]


@router.get("/live")
async def live(backend: OpenBackend) -> LiveChannelsResponse:
    """Return every live channel."""
    return LiveChannelsResponse(channels=[_live_channel(b, backend.audience) for b in await backend.streams.live()])


def _live_channel(broadcast: Broadcast, audience: Audience) -> LiveChannelEntry:
    channel, stream = broadcast.channel, broadcast.stream
    return LiveChannelEntry(
        slug=channel.slug,
        name=channel.name,
        title=stream.title,
        category=stream.category,
        state=stream.state,
        started_at=stream.started_at,
        viewers=audience.viewers(channel.channel_id),
        page=channel_page(channel.slug),
        playlist=plain_playlist(channel),
        preview=channel_picture(channel),
    )
