"""Streams: the live ones, those of a channel, one, and the statistics of the owner's channel."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Security
from pydantic import BaseModel, Field

from streaming_app.backend.accounts.token_scopes import TokenScope
from streaming_app.backend.api.deps import OpenBackend
from streaming_app.backend.api.v1.channels import Slug
from streaming_app.backend.api.v1.conditional_requests import ConditionalRoute
from streaming_app.backend.api.v1.error_responses import problems
from streaming_app.backend.api.v1.identity import Caller, signed_in
from streaming_app.backend.api.v1.pages import Page, Pagination, decode_time_and_id, time_and_id
from streaming_app.backend.media.stream_health_report import health_report
from streaming_app.backend.streams.audience import Audience
from streaming_app.backend.streams.model import Broadcast, Channel, Stream, StreamState

router = APIRouter(tags=["streams"], route_class=ConditionalRoute)


class StreamResource(BaseModel):
    """One broadcast of a channel."""

    id: str = Field(description="Identifies the stream, and its recording if there is one.", examples=["b7a90c1f"])
    channel: str = Field(description="Slug of the channel.", examples=["ann"])
    title: str = Field(examples=["Chess at night"])
    category: str = Field(examples=["Chess"])
    state: StreamState = Field(
        description="`live`; `reconnecting` if the encoder is gone for a moment; `offline` after the end."
    )
    started_at: datetime
    ended_at: datetime | None = Field(description="`null` if the stream has not ended.", examples=[None])
    viewers: int | None = Field(description="Current number of viewers; `null` after the end.", examples=[12])


class Health(BaseModel):
    """How the stream arrives from the encoder. Unknown values are 0 or empty."""

    video_codec: str = Field(examples=["avc1"])
    width: int = Field(examples=[1920])
    height: int = Field(examples=[1080])
    frames_per_second: float = Field(examples=[30.0])
    kbps: int = Field(description="Bit rate, in kbit/s.", examples=[4500])
    keyframe_seconds: float = Field(description="Longest recent interval between keyframes.", examples=[2.0])
    audio_codec: str = Field(examples=["aac"])
    disconnects: int = Field(description="Disconnects of the encoder in the last five minutes.", examples=[0])


class ChannelStats(BaseModel):
    """The numbers of a channel, for its owner."""

    viewers: int = Field(description="Current number of viewers.", examples=[12])
    followers: int = Field(examples=[340])
    stream: StreamResource | None = Field(description="The current stream; `null` if the channel is offline.")
    health: Health | None = Field(description="How the stream arrives; `null` if this is unknown.")
    advice: list[str] = Field(description="What to change in the encoder, most important first.")
    recordings_bytes: int = Field(description="Size of all recordings.", examples=[1_250_000_000])
    recordings_bytes_max: int = Field(description="Size above which old recordings are deleted.")


@router.get("/streams", summary="List live streams", responses=problems())
async def live_streams(backend: OpenBackend, pagination: Pagination) -> Page[StreamResource]:
    """Return the streams that have not ended, newest first."""
    before = decode_time_and_id(pagination.cursor)
    newest_first = sorted(await backend.streams.live(), key=lambda each: _key(each.stream), reverse=True)
    found = [each for each in newest_first if before is None or _key(each.stream) < before][: pagination.limit + 1]
    items, following = pagination.page_of(found, lambda each: _place(each.stream))
    return Page(items=[_of_broadcast(each, backend.audience) for each in items], next=following)


@router.get("/streams/{stream_id}", summary="Get a stream", responses=problems(404))
async def stream(
    stream_id: Annotated[str, Path(max_length=64, description="`id` of a stream.")], backend: OpenBackend
) -> StreamResource:
    """Return one stream, live or ended."""
    found = await backend.streams.get(stream_id)
    return _of_broadcast(Broadcast(await backend.channels.get(found.channel_id), found), backend.audience)


@router.get("/channels/{slug}/streams", summary="List the streams of a channel", responses=problems(404))
async def channel_streams(slug: Slug, backend: OpenBackend, pagination: Pagination) -> Page[StreamResource]:
    """Return the current stream of a channel and its earlier streams, newest first."""
    before = decode_time_and_id(pagination.cursor)
    channel = await backend.channels.by_slug(slug)
    found = await backend.streams.list_by_channel(channel.channel_id, pagination.limit + 1, before)
    items, following = pagination.page_of(found, _place)
    return Page(items=_of_channel(channel, items, backend.audience), next=following)


@router.get("/channels/{slug}/stats", summary="Get the statistics of your channel", responses=problems(401, 404))
async def channel_stats(
    slug: Slug, caller: Annotated[Caller, Security(signed_in, scopes=[TokenScope.STATS_READ])], backend: OpenBackend
) -> ChannelStats:
    """Return viewers, followers, stream health and storage of your own channel."""
    channel = await backend.channels.own(caller.user.user_id, slug)
    current = await backend.streams.current(channel.channel_id)
    health, advice = await health_report(backend.packager, backend.recordings, channel)
    library = await backend.recordings.library(caller.user.user_id)
    return ChannelStats(
        viewers=backend.audience.viewers(channel.channel_id),
        followers=(await backend.follows.following(channel.channel_id, "")).followers,
        stream=_of_broadcast(Broadcast(channel, current), backend.audience) if current else None,
        health=health
        and Health(
            video_codec=health.video_codec,
            width=health.width,
            height=health.height,
            frames_per_second=health.frames_per_second,
            kbps=health.kbps,
            keyframe_seconds=health.key_interval_seconds,
            audio_codec=health.audio_codec,
            disconnects=health.disconnects,
        ),
        advice=advice,
        recordings_bytes=library.used,
        recordings_bytes_max=library.limits.quota,
    )


def _of_channel(channel: Channel, streams: Sequence[Stream], audience: Audience) -> list[StreamResource]:
    return [_of_broadcast(Broadcast(channel, each), audience) for each in streams]


def _of_broadcast(broadcast: Broadcast, audience: Audience) -> StreamResource:
    channel, stream = broadcast.channel, broadcast.stream
    return StreamResource(
        id=stream.stream_id,
        channel=channel.slug,
        title=stream.title,
        category=stream.category,
        state=stream.state,
        started_at=stream.started_at,
        ended_at=stream.ended_at,
        viewers=None if stream.ended_at else audience.viewers(channel.channel_id),
    )


def _key(stream: Stream) -> tuple[datetime, str]:
    return stream.started_at, stream.stream_id


def _place(stream: Stream) -> list[Any]:
    return time_and_id(stream.started_at, stream.stream_id)
