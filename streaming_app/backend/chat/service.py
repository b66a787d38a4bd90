"""Say something in a channel, and read what was said."""

from collections.abc import Callable
from datetime import datetime

from streaming_app.backend.accounts.ports import Users
from streaming_app.backend.bus import Bus, position_of
from streaming_app.backend.chat import policy
from streaming_app.backend.chat.model import ChatMessage
from streaming_app.backend.chat.ports import ChatArchive
from streaming_app.backend.events import ChatMessageSent
from streaming_app.backend.rate_limit import RateLimit
from streaming_app.backend.streams.ports import Channels


class ChatService:
    """The use cases of chat."""

    def __init__(
        self,
        users: Users,
        channels: Channels,
        archive: ChatArchive,
        rate_limit: RateLimit,
        bus: Bus,
        now: Callable[[], datetime],
        max_length: int,
    ) -> None:
        self._users = users
        self._channels = channels
        self._archive = archive
        self._rate_limit = rate_limit
        self._bus = bus
        self._now = now
        self._max_length = max_length

    async def post(self, channel_id: str, user_id: str, text: str) -> None:
        """Say ``text``; on return it is durable and on its way to every screen.

        Raises ``InvalidError``, ``ForbiddenError``, ``RateLimitedError``, ``NotFoundError`` or ``BusUnavailableError``.
        """
        cleaned = policy.clean_text(text, self._max_length)
        user = await self._users.get(user_id)
        policy.may_post(banned=user.banned)
        channel = await self._channels.get(channel_id)
        self._rate_limit.spend(user_id)
        await self._bus.publish(
            ChatMessageSent(
                at=self._now(), channel_id=channel.channel_id, user_id=user_id, username=user.username, text=cleaned
            )
        )

    async def recent(self, channel_id: str, limit: int) -> list[ChatMessage]:
        """The newest ``limit`` messages, oldest first."""
        return await self._archive.recent(channel_id, limit)

    async def after(self, channel_id: str, position: int, limit: int) -> list[ChatMessage]:
        """The first ``limit`` messages behind ``position``, oldest first."""
        return await self._archive.after(channel_id, position, limit)

    async def since(self, channel_id: str, instant: datetime, limit: int) -> list[ChatMessage]:
        """The first ``limit`` messages said at ``instant`` or later, oldest first."""
        return await self._archive.after(channel_id, position_of(instant, 0) - 1, limit)
