"""What only the owner of a channel may see of it."""

from fastapi import APIRouter
from pydantic import BaseModel

from streaming_app.backend.api.deps import OpenBackend, VerifiedUser
from streaming_app.backend.media.health import IngestHealth, advice
from streaming_app.backend.media.ports import PackagerUnavailableError

router = APIRouter(prefix="/api/studio")

UNMEASURED = "Stream health is unavailable right now. Viewers may still see your stream."


class StreamHealth(BaseModel):
    """How the owner's stream arrives."""

    health: IngestHealth | None
    """``null`` while nothing arrives, or nothing is known."""
    advice: list[str]
    """What to change, most important first."""


@router.get("/health")
async def stream_health(user: VerifiedUser, backend: OpenBackend) -> StreamHealth:
    """Of the signed-in user's own channel."""
    channel = await backend.channels.get_or_create(user)
    missing = await backend.recordings.missing(channel.channel_id) if channel.records else ""
    try:
        health = await backend.packager.health(channel.channel_id)
        words = advice(health) if health else []
    except PackagerUnavailableError:
        health, words = None, [UNMEASURED]
    return StreamHealth(health=health, advice=[*words, missing] if missing else words)
