"""Lists and serves emotes, and lets owners upload them."""

from hashlib import sha256

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from streaming_app.backend.api.deps import OpenBackend, VerifiedUser
from streaming_app.backend.api.request_checks import EMOTE_UPLOADS
from streaming_app.backend.chat.model import Emote

router = APIRouter()

FOR_EVER = {
    "cache-control": "public, max-age=31536000, immutable",
    "content-security-policy": "default-src 'none'",
}
"""A URL always serves the same picture. The policy blocks scripts if a browser opens the picture as a page."""


class EmoteItem(BaseModel):
    """An emote. Chatters write its name between colons."""

    name: str
    url: str
    """URL path of the picture, which never changes."""
    width: int
    height: int


class EmoteList(BaseModel):
    """The emotes of a channel, sorted by name."""

    emotes: list[EmoteItem]


@router.get("/api/channels/{channel_id}/emotes", response_model=EmoteList)
async def emotes(channel_id: str, request: Request, backend: OpenBackend) -> Response:
    """Return the emotes of a channel. The response has an ``ETag``, so repeated requests are cheap."""
    found = EmoteList(emotes=[_line(emote) for emote in await backend.emotes.of(channel_id)])
    body = found.model_dump_json().encode()
    headers = {"cache-control": "public, no-cache", "etag": f'"{sha256(body).hexdigest()[:32]}"'}
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


@router.get("/api/channels/{channel_id}/emotes/{emote_id}", response_class=Response)
async def picture(channel_id: str, emote_id: str, backend: OpenBackend) -> Response:
    """Return the picture of an emote."""
    media_type, content = await backend.emotes.picture(channel_id, emote_id)
    return Response(content, media_type=media_type, headers=FOR_EVER)


@router.post(EMOTE_UPLOADS, status_code=201)
async def add(user: VerifiedUser, request: Request, backend: OpenBackend, name: str = "") -> EmoteItem:
    """Add an emote to the signed-in user's channel. The body is a PNG, GIF, WebP or JPEG file."""
    channel = await backend.channels.get_or_create(user)
    return _line(await backend.emotes.add(channel.channel_id, user.user_id, name, await request.body()))


def _line(emote: Emote) -> EmoteItem:
    return EmoteItem(name=emote.name, url=emote.path, width=emote.width, height=emote.height)
