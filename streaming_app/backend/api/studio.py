"""API for a channel's owner: the health of the channel's stream."""

from fastapi import APIRouter
from pydantic import BaseModel

from streaming_app.backend.api.deps import OpenBackend, VerifiedUser
from streaming_app.backend.media.health import IngestHealth, advice
from streaming_app.backend.media.ports import PackagerUnavailableError

router = APIRouter(prefix="/api/studio")

UNMEASURED = "Stream health is unavailable right now. Viewers may still see your stream."


class StreamHealthResponse(BaseModel):
    """How the owner's stream arrives."""

    health: IngestHealth | None
    """``null`` while no stream arrives, or while the packager does not answer."""
    advice: list[str]
    """What the streamer should change, most important first."""


@router.get("/health")
async def stream_health(user: VerifiedUser, backend: OpenBackend) -> StreamHealthResponse:
    """Return how the stream of the signed-in user's channel arrives, and advice for it."""
    channel = await backend.channels.get_or_create(user)
    gap = await backend.recordings.gap_message(channel.channel_id) if channel.records else ""
    try:
        health = await backend.packager.health(channel.channel_id)
        messages = advice(health) if health else []
    except PackagerUnavailableError:
        health, messages = None, [UNMEASURED]
    return StreamHealthResponse(health=health, advice=[*messages, gap] if gap else messages)
