"""Channels' emotes: for everyone to see, for owners to add to their own."""

from hashlib import sha256

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from streaming_app.backend.api.deps import OpenBackend, VerifiedUser
from streaming_app.backend.api.security import EMOTE_UPLOADS
from streaming_app.backend.chat.model import Emote

router = APIRouter()

_FOR_EVER = {
    "cache-control": "public, max-age=31536000, immutable",
    "content-security-policy": "default-src 'none'",
}
"""Another picture has another address; and should a browser open this one as a page, nothing in it runs."""


class EmoteItem(BaseModel):
    """An emote; chatters write its name between colons."""

    name: str
    url: str
    """Path of its picture at the front door: the picture there never changes."""
    width: int
    height: int


class EmoteList(BaseModel):
    """By name."""

    emotes: list[EmoteItem]


@router.get("/api/channels/{channel_id}/emotes", response_model=EmoteList)
async def emotes(channel_id: str, request: Request, backend: OpenBackend) -> Response:
    """The emotes of a channel. To ask again costs little: the answer has an ``ETag``."""
    found = EmoteList(emotes=[_line(emote) for emote in await backend.emotes.of(channel_id)])
    body = found.model_dump_json().encode()
    headers = {"cache-control": "public, no-cache", "etag": f'"{sha256(body).hexdigest()[:32]}"'}
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


@router.get("/api/channels/{channel_id}/emotes/{emote_id}", response_class=Response)
async def picture(channel_id: str, emote_id: str, backend: OpenBackend) -> Response:
    """An emote's picture."""
    media_type, content = await backend.emotes.picture(channel_id, emote_id)
    return Response(content, media_type=media_type, headers=_FOR_EVER)


@router.post(EMOTE_UPLOADS, status_code=201)
async def add(user: VerifiedUser, request: Request, backend: OpenBackend, name: str = "") -> EmoteItem:
    """Add an emote to the signed-in user's own channel; the body is the picture's file, PNG, GIF, WebP or JPEG."""
    channel = await backend.channels.get_or_create(user)
    return _line(await backend.emotes.add(channel.channel_id, user.user_id, name, await request.body()))


def _line(emote: Emote) -> EmoteItem:
    return EmoteItem(name=emote.name, url=emote.path, width=emote.width, height=emote.height)
