"""Follow a channel, and stop."""

from collections.abc import Callable
from datetime import datetime

from streaming_app.backend.accounts.ports import Users
from streaming_app.backend.chat.ports import Follows
from streaming_app.backend.errors import ForbiddenError
from streaming_app.backend.streams.ports import Channels


class FollowService:
    """The use cases of following."""

    def __init__(self, users: Users, channels: Channels, follows: Follows, now: Callable[[], datetime]) -> None:
        self._users = users
        self._channels = channels
        self._follows = follows
        self._now = now

    async def follow(self, channel_id: str, user_id: str) -> None:
        """Follow from now on; who does already, does since then.

        Raises ``ForbiddenError`` for the channel's owner, whose following would count for nothing, and for who is
        banned from the site; ``NotFoundError`` when there is no such user or channel.
        """
        user = await self._users.get(user_id)
        channel = await self._channels.get(channel_id)
        may_follow(banned=user.banned, is_owner=channel.owner_id == user_id)
        await self._follows.follow(channel_id, user_id, self._now())

    async def unfollow(self, channel_id: str, user_id: str) -> None:
        """Follow no more; anyone may, and who does not follow is fine."""
        await self._follows.unfollow(channel_id, user_id)

    async def follows(self, channel_id: str, user_id: str) -> bool:
        """Whether the user follows the channel."""
        return await self._follows.follows(channel_id, user_id)

    async def count(self, channel_id: str) -> int:
        """How many follow the channel."""
        return await self._follows.count(channel_id)


def may_follow(*, banned: bool, is_owner: bool) -> None:
    """Raises ``ForbiddenError`` for who is banned from the site, and for a channel's owner."""
    if banned:
        raise ForbiddenError("This account is banned from the site.")
    if is_owner:
        raise ForbiddenError("You can't follow your own channel.")
