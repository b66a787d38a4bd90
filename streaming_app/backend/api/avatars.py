"""Serves avatars, and lets users upload theirs."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from streaming_app.backend.accounts.avatars import AVATAR_UPLOADS, AVATARS, avatar_path
from streaming_app.backend.api.deps import OpenBackend, VerifiedUser
from streaming_app.backend.api.emotes import FOR_EVER

router = APIRouter()


class UploadedAvatar(BaseModel):
    """The avatar of the signed-in user."""

    url: str
    """URL path of the picture, which never changes."""


@router.get(AVATARS + "{avatar_id}", response_class=Response)
async def picture(avatar_id: str, backend: OpenBackend) -> Response:
    """Return an avatar."""
    media_type, content = await backend.profiles.picture(avatar_id)
    return Response(content, media_type=media_type, headers=FOR_EVER)


@router.post(AVATAR_UPLOADS, status_code=201)
async def upload(user: VerifiedUser, request: Request, backend: OpenBackend) -> UploadedAvatar:
    """Replace the avatar of the signed-in user. The body is a PNG, GIF, WebP or JPEG file."""
    changed = await backend.profiles.set_avatar(user, await request.body())
    return UploadedAvatar(url=avatar_path(changed.avatar_id))
