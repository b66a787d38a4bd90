"""Recordings: those of a channel, one, and its deletion by the owner."""

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
from streaming_app.backend.media.recordings.model import Recording
from streaming_app.backend.media.recordings.urls import recording_page, recording_playlist, recording_poster
from streaming_app.backend.streams.model import Channel

router = APIRouter(tags=["recordings"], route_class=ConditionalRoute)

RecordingId = Annotated[str, Path(max_length=64, description="`id` of a recording, which is that of its stream.")]


class RecordingResource(BaseModel):
    """The recording of a stream. Paths are relative to the site's origin."""

    id: str = Field(description="The id of the recorded stream.", examples=["b7a90c1f"])
    channel: str = Field(description="Slug of the channel.", examples=["ann"])
    title: str = Field(examples=["Chess at night"])
    category: str = Field(examples=["Chess"])
    started_at: datetime = Field(description="When the stream started.")
    ended_at: datetime | None = Field(description="`null` while the stream is being recorded.")
    seconds: float = Field(description="Duration.", examples=[3600.5])
    bytes: int = Field(description="Size of the video.", examples=[1_250_000_000])
    page: str = Field(description="Path of the page.", examples=["/c/ann/r/b7a90c1f"])
    playlist: str = Field(description="Path of the video, as HLS.", examples=["/recordings/b7a90c1f/index.m3u8"])
    poster: str = Field(description="Path of a picture, a JPEG.", examples=["/recordings/b7a90c1f/poster.jpg"])


@router.get("/channels/{slug}/recordings", summary="List the recordings of a channel", responses=problems(404))
async def recordings(slug: Slug, backend: OpenBackend, pagination: Pagination) -> Page[RecordingResource]:
    """Return the recordings of a channel, newest first."""
    before = decode_time_and_id(pagination.cursor)
    channel = await backend.channels.by_slug(slug)
    found = await backend.recordings.list_by_channel(channel.channel_id, pagination.limit + 1, before)
    items, following = pagination.page_of(found, _place)
    return Page(items=[_recording(channel, each) for each in items], next=following)


@router.get("/recordings/{recording_id}", summary="Get a recording", responses=problems(404))
async def recording(recording_id: RecordingId, backend: OpenBackend) -> RecordingResource:
    """Return one recording."""
    found = await backend.recordings.find(recording_id)
    return _recording(await backend.channels.get(found.channel_id), found)


@router.delete(
    "/recordings/{recording_id}", status_code=204, summary="Delete a recording", responses=problems(401, 404, 409)
)
async def delete_recording(
    recording_id: RecordingId,
    caller: Annotated[Caller, Security(signed_in, scopes=[TokenScope.RECORDINGS_WRITE])],
    backend: OpenBackend,
) -> None:
    """Delete a recording of your channel. This cannot be undone."""
    await backend.recordings.delete(caller.user.user_id, recording_id)


def _recording(channel: Channel, recording: Recording) -> RecordingResource:
    return RecordingResource(
        id=recording.recording_id,
        channel=channel.slug,
        title=recording.title,
        category=recording.category,
        started_at=recording.started_at,
        ended_at=recording.ended_at,
        seconds=recording.seconds,
        bytes=recording.size,
        page=recording_page(channel.slug, recording.recording_id),
        playlist=recording_playlist(recording.recording_id),
        poster=recording_poster(recording.recording_id),
    )


def _place(recording: Recording) -> list[Any]:
    return time_and_id(recording.started_at, recording.recording_id)
