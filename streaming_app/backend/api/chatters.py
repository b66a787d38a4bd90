"""Who watches a channel, for programs and the list beside the chat."""

from fastapi import APIRouter
from pydantic import BaseModel

from streaming_app.backend.api.deps import OpenBackend
from streaming_app.backend.chat.model import Role

router = APIRouter(prefix="/api/channels/{channel_id}")

CHATTERS_MAX = 500


class ChatterItem(BaseModel):
    """A user who watches."""

    name: str
    role: Role | None = None
    """``moderator`` or ``owner`` of this channel; left out for all others."""


class ChatterList(BaseModel):
    """Over all web processes."""

    viewers: int
    """Everyone who watches, signed in or not."""
    chatters: list[ChatterItem]
    """Those of them who are signed in, by name; the first 500."""


@router.get("/chatters", response_model_exclude_none=True)
async def chatters(channel_id: str, backend: OpenBackend) -> ChatterList:
    """Who watches this channel now."""
    channel = await backend.channels.get(channel_id)
    roles = {
        moderator.username: Role.MODERATOR for moderator in await backend.store.chat_settings.moderators(channel_id)
    }
    roles[channel.name] = Role.OWNER
    names = backend.audience.signed_in(channel_id, CHATTERS_MAX)
    return ChatterList(
        viewers=backend.audience.viewers(channel_id),
        chatters=[ChatterItem(name=name, role=roles.get(name)) for name in names],
    )
