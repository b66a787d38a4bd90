"""Follows and unfollows channels."""

from collections.abc import Callable
from datetime import datetime

from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.policy import may_use_site
from streaming_app.backend.accounts.ports import Users
from streaming_app.backend.chat.model import Follow, Following
from streaming_app.backend.chat.ports import Follows
from streaming_app.backend.errors import ForbiddenError
from streaming_app.backend.rate_limit import RateLimit
from streaming_app.backend.streams.model import Channel
from streaming_app.backend.streams.ports import Channels


class FollowService:
    """Manages the followers of channels."""

    def __init__(
        self, users: Users, channels: Channels, follows: Follows, now: Callable[[], datetime], limit: RateLimit
    ) -> None:
        """Create the service. ``limit`` limits the changes of each user."""
        self._users = users
        self._channels = channels
        self._follows = follows
        self._now = now
        self._limit = limit

    async def follow(self, channel_id: str, user_id: str) -> None:
        """Follow a channel. The start time of an existing follower is kept.

        Raises ``ForbiddenError`` for the channel's owner and for users who are banned from the site, ``NotFoundError``
        if the user or the channel does not exist, and ``RateLimitedError``.
        """
        await self._limit.spend(user_id)
        user = await self._users.get(user_id)
        channel = await self._channels.get(channel_id)
        may_follow(user, channel)
        await self._follows.follow(channel_id, user_id, self._now())

    async def unfollow(self, channel_id: str, user_id: str) -> None:
        """Unfollow a channel. Has no effect if the user does not follow it. Raises ``RateLimitedError``."""
        await self._limit.spend(user_id)
        await self._follows.unfollow(channel_id, user_id)

    async def following(self, channel_id: str, user_id: str) -> Following:
        """Return how many users follow the channel, and whether this one does; an empty ``user_id`` is nobody."""
        return await self._follows.following(channel_id, user_id)

    async def list_by_user(self, user_id: str, limit: int, before: tuple[datetime, str] | None = None) -> list[Follow]:
        """Return the latest follows of a user, newest first; see ``Follows.list_by_user``."""
        return await self._follows.list_by_user(user_id, limit, before)


def may_follow(user: User, channel: Channel) -> None:
    """Raise ``ForbiddenError`` for users who are banned from the site and for the channel's owner."""
    may_use_site(user)
    if channel.owner_id == user.user_id:
        raise ForbiddenError("You can't follow your own channel.")
