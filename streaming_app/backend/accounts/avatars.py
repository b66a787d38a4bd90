"""Avatars: the pictures of users."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

AVATARS = "/api/avatars/"
"""Path of the pictures; the id of the avatar follows."""
AVATAR_UPLOADS = "/api/profile/avatar"
"""Path to which browsers upload a picture."""
UPLOAD_MAX_BYTES = 1024 * 1024


def avatar_path(avatar_id: str) -> str:
    """Return the URL path of a picture, which never changes; empty if there is none."""
    return AVATARS + avatar_id if avatar_id else ""


@dataclass(frozen=True, slots=True)
class Avatar:
    """A picture of a user. A user's ``avatar_id`` says which one is shown."""

    avatar_id: str
    user_id: str
    media_type: str
    added_at: datetime


class Avatars(Protocol):
    """The repository of avatars, with their pictures."""

    async def add(self, avatar: Avatar, picture: bytes) -> None:
        """Add a picture."""
        ...

    async def picture(self, avatar_id: str) -> tuple[str, bytes]:
        """Return the media type and the content of a picture; raises ``NotFoundError``."""
        ...

    async def remove(self, avatar_id: str) -> None:
        """Delete a picture; do nothing if it does not exist."""
        ...

    async def remove_all_of(self, user_id: str, *, keep: str = "", added_before: datetime | None = None) -> None:
        """Delete the pictures of a user, except the one with the id ``keep``.

        With ``added_before``, only older ones.
        """
        ...


class AvatarPictures(Protocol):
    """Re-encodes uploaded pictures, so that no part of the uploaded file is served."""

    async def avatar(self, upload: bytes) -> tuple[str, bytes]:
        """Crop a picture to a square and scale it to the size of an avatar, without animation.

        Return its media type and content. Raises ``InvalidError`` for ``picture``.
        """
        ...
