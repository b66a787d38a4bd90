"""Lists the viewers of a channel, for API clients and the list beside the chat."""

from fastapi import APIRouter
from pydantic import BaseModel

from streaming_app.backend.api.deps import OpenBackend
from streaming_app.backend.chat.model import Role

router = APIRouter(prefix="/api/channels/{channel_id}")

CHATTERS_MAX = 500


class ChatterItem(BaseModel):
    """A signed-in viewer."""

    name: str
    role: Role | None = None
    """``moderator`` or ``owner``; left out for all others."""


class ChattersResponse(BaseModel):
    """The viewers of a channel over all web processes."""

    viewers: int
    """Number of viewers, signed in or not."""
    chatters: list[ChatterItem]
    """The signed-in viewers, sorted by name; at most 500."""


@router.get("/chatters", response_model_exclude_none=True)
async def chatters(channel_id: str, backend: OpenBackend) -> ChattersResponse:
    """Return the current viewers of a channel."""
    channel = await backend.channels.get(channel_id)
    roles = {
        moderator.username: Role.MODERATOR for moderator in await backend.store.chat_settings.moderators(channel_id)
    }
    roles[channel.name] = Role.OWNER
    names = backend.audience.signed_in(channel_id, CHATTERS_MAX)
    return ChattersResponse(
        viewers=backend.audience.viewers(channel_id),
        chatters=[ChatterItem(name=name, role=roles.get(name)) for name in names],
    )
