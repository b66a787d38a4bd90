"""Looks up users together with their role and status in a channel."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.ports import Users
from streaming_app.backend.chat import policy
from streaming_app.backend.chat.model import Ban, Chatter, MembershipStatus, Role
from streaming_app.backend.chat.ports import ChatSettingsRepository
from streaming_app.backend.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class ChannelMember:
    """A user in the chat of a channel, with the data that their rights depend on."""

    user: User
    channel_id: str
    status: MembershipStatus
    role: Role

    @property
    def chatter(self) -> Chatter:
        """The user's id and name."""
        return Chatter(self.user.user_id, self.user.username)

    def active_ban(self, now: datetime) -> Ban | None:
        """Return the user's ban or timeout in the channel, if it is active."""
        ban = self.status.ban
        return ban if ban and ban.is_active(now) else None


class MembershipService:
    """Loads channel members."""

    def __init__(self, users: Users, chat_settings: ChatSettingsRepository) -> None:
        self._users = users
        self._chat_settings = chat_settings

    async def get(self, channel_id: str, user_id: str) -> ChannelMember:
        """Return the user with this id. Raises ``NotFoundError`` if the user or the channel does not exist."""
        user, status = await asyncio.gather(
            self._users.get(user_id), self._chat_settings.membership_status(channel_id, user_id)
        )
        return _member(channel_id, user, status)

    async def get_by_user(self, channel_id: str, user: User) -> ChannelMember:
        """Return the member for a user who was read already. Raises ``NotFoundError`` for an unknown channel."""
        return _member(channel_id, user, await self._chat_settings.membership_status(channel_id, user.user_id))

    async def get_by_name(self, channel_id: str, name: str) -> ChannelMember:
        """Return the user with this name, ignoring case and a leading @. Raises ``NotFoundError``."""
        return await self.get_by_user(channel_id, await self._find_user(name.strip().removeprefix("@")))

    async def get_moderator(self, channel_id: str, user_id: str, now: datetime) -> ChannelMember:
        """Return the user with this id. Raises ``ForbiddenError`` if they may not moderate the channel."""
        member = await self.get(channel_id, user_id)
        policy.may_moderate_channel(member.role)
        policy.may_post(member.user, member.role, member.status, now)
        return member

    async def _find_user(self, username: str) -> User:
        nobody = NotFoundError(f"There is no user called “{username[:40]}”.")
        if "@" in username:  # do not reveal whose email address it is
            raise nobody
        try:
            return await self._users.get_by_login(username)
        except NotFoundError:
            raise nobody from None


def _member(channel_id: str, user: User, status: MembershipStatus) -> ChannelMember:
    if not status.owner_id:
        raise NotFoundError("There is no such channel.")
    return ChannelMember(user, channel_id, status, policy.role_of(user, status))
