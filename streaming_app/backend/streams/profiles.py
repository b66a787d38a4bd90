"""How a user is shown: the name and the picture, on the user's channel and in the account menu."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

from streaming_app.backend.accounts import policy
from streaming_app.backend.accounts.avatars import UPLOAD_MAX_BYTES, Avatar, AvatarPictures, Avatars
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.ports import Users
from streaming_app.backend.errors import ConflictError, InvalidError
from streaming_app.backend.rate_limit import RateLimit
from streaming_app.backend.streams.channel_service import ChannelService

UPLOAD_MAX_DURATION = timedelta(minutes=10)
"""Time after which a picture that is not shown belongs to no upload that is still running."""


class ProfileService:
    """Changes the profile of a user. The channel has a copy, which ``ChannelService.get_or_create`` updates."""

    def __init__(
        self,
        users: Users,
        avatars: Avatars,
        pictures: AvatarPictures,
        channels: ChannelService,
        rate_limit: RateLimit,
        now: Callable[[], datetime],
    ) -> None:
        self._users = users
        self._avatars = avatars
        self._pictures = pictures
        self._channels = channels
        self._rate_limit = rate_limit
        self._now = now

    async def set_display_name(self, user: User, name: str) -> User:
        """Set the name that is shown, or remove it if ``name`` is empty: then the username is shown.

        Return the changed user. Raises ``InvalidError`` for ``display_name``, ``ForbiddenError``, or ``ConflictError``
        if the name was changed since ``user`` was read.
        """
        policy.may_use_site(user)
        if not await self._users.replace_display_name(user.user_id, user.display_name, policy.clean_display_name(name)):
            raise ConflictError("Your name was changed at the same time. Reload the profile, then repeat the change.")
        return await self._show(user.user_id)

    async def set_avatar(self, user: User, upload: bytes) -> User:
        """Show the picture in the file ``upload``, and delete the previous one. Return the changed user.

        Raises ``InvalidError`` for ``picture``, ``RateLimitedError`` or ``ForbiddenError``.
        """
        policy.may_use_site(user)
        if not upload:
            raise InvalidError("picture", "Choose an image that is not empty.")
        if len(upload) > UPLOAD_MAX_BYTES:
            raise InvalidError("picture", "Files can be 1,024 KB at most. Make this one smaller.")
        await self._rate_limit.spend(user.user_id)
        media_type, picture = await self._pictures.avatar(upload)
        avatar = Avatar(uuid4().hex, user.user_id, media_type, self._now())
        await self._avatars.add(avatar, picture)
        await self._replace(user.user_id, avatar.avatar_id)
        forgotten = avatar.added_at - UPLOAD_MAX_DURATION
        await self._avatars.remove_all_of(user.user_id, keep=avatar.avatar_id, added_before=forgotten)
        return await self._show(user.user_id)

    async def remove_avatar(self, user: User) -> User:
        """Show the initials instead of a picture. Return the changed user."""
        await self._replace(user.user_id, "")
        return await self._show(user.user_id)

    async def picture(self, avatar_id: str) -> tuple[str, bytes]:
        """Return the media type and the content of a picture; raises ``NotFoundError``."""
        return await self._avatars.picture(avatar_id)

    async def _replace(self, user_id: str, avatar_id: str) -> None:
        """Show another picture and delete the one that was shown until now."""
        if replaced := await self._users.set_avatar(user_id, avatar_id):
            await self._avatars.remove(replaced)

    async def _show(self, user_id: str) -> User:
        user = await self._users.get(user_id)
        await self._channels.get_or_create(user)
        return user
