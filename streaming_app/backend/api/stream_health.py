"""API for a channel's owner: the health of the channel's stream."""

from fastapi import APIRouter
from pydantic import BaseModel

from streaming_app.backend.api.deps import OpenBackend, VerifiedUser
from streaming_app.backend.media.stream_health import IngestHealth
from streaming_app.backend.media.stream_health_report import health_report

router = APIRouter(prefix="/api/studio")


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
    health, messages = await health_report(backend.packager, backend.recordings, channel)
    return StreamHealthResponse(health=health, advice=messages)
