"""Changes how a channel's chat is kept, and tells every screen. Who may is asked elsewhere."""

from collections.abc import Callable, Sequence
from datetime import datetime

from streaming_app.backend.bus import Bus
from streaming_app.backend.chat.deliveries import line_of
from streaming_app.backend.chat.model import Ban, ChatMessage, Chatter, Role, Rules
from streaming_app.backend.chat.ports import ChatRooms
from streaming_app.backend.events import (
    ChatMessagesDeleted,
    ChatMessagesRestored,
    ChatPinned,
    ChatRulesChanged,
    ChatterBanned,
    ChatterRoleChanged,
    ChatterUnbanned,
)


class Upkeep:
    """What the bus alone holds is published: it is durable on return. What the store holds is written, then announced.

    So the first raises ``BusUnavailableError``, and then nothing has changed.
    """

    def __init__(self, rooms: ChatRooms, bus: Bus, now: Callable[[], datetime]) -> None:
        self._rooms = rooms
        self._bus = bus
        self._now = now

    async def delete(self, channel_id: str, entry_id: str, message_ids: Sequence[str]) -> None:
        """Take these messages away."""
        await self._bus.publish(
            ChatMessagesDeleted(
                at=self._now(), channel_id=channel_id, entry_id=entry_id, message_ids=tuple(message_ids)
            )
        )
        await self._unpin(channel_id, lambda pinned: pinned.message_id in message_ids)

    async def delete_all_of(self, channel_id: str, entry_id: str, chatter: Chatter) -> None:
        """Take away everything that a chatter has said until now."""
        await self._bus.publish(
            ChatMessagesDeleted(
                at=self._now(),
                channel_id=channel_id,
                entry_id=entry_id,
                user_id=chatter.user_id,
                username=chatter.username,
            )
        )
        await self._unpin(channel_id, lambda pinned: pinned.user_id == chatter.user_id)

    async def restore(self, channel_id: str, entry_id: str, newest: Sequence[ChatMessage]) -> None:
        """Bring back what an entry took away; ``newest`` of it are put back on the screens."""
        lines = tuple(map(line_of, newest))
        await self._bus.publish(
            ChatMessagesRestored(at=self._now(), channel_id=channel_id, entry_id=entry_id, lines=lines)
        )

    async def ban(self, channel_id: str, chatter: Chatter, until: datetime | None, reason: str, by: str) -> Ban:
        """Let a chatter write nothing until an instant, or for good."""
        now = self._now()
        ban = Ban(channel_id, chatter.user_id, chatter.username, now, until, reason, by)
        await self._rooms.set_ban(ban)
        await self._bus.announce(
            ChatterBanned(
                at=now,
                channel_id=channel_id,
                user_id=chatter.user_id,
                username=chatter.username,
                until=until,
                reason=reason,
            )
        )
        return ban

    async def unban(self, channel_id: str, chatter: Chatter) -> None:
        """Let a chatter write again."""
        await self._rooms.lift_ban(channel_id, chatter.user_id)
        await self._bus.announce(
            ChatterUnbanned(at=self._now(), channel_id=channel_id, user_id=chatter.user_id, username=chatter.username)
        )

    async def appoint(self, channel_id: str, chatter: Chatter) -> bool:
        """Make a viewer a moderator; ``False`` when they are one already."""
        changed = await self._rooms.add_moderator(channel_id, chatter)
        if changed:
            await self._say_role(channel_id, chatter, Role.MODERATOR)
        return changed

    async def dismiss(self, channel_id: str, chatter: Chatter, role: Role = Role.VIEWER) -> bool:
        """Make a moderator what they are without that; ``False`` when they are none."""
        changed = await self._rooms.remove_moderator(channel_id, chatter.user_id)
        if changed:
            await self._say_role(channel_id, chatter, role)
        return changed

    async def set_rules(self, channel_id: str, rules: Rules) -> None:
        """Keep the chat by these rules."""
        await self._rooms.set_rules(channel_id, rules)
        await self._bus.announce(
            ChatRulesChanged(
                at=self._now(),
                channel_id=channel_id,
                slow_seconds=rules.slow_seconds,
                followers_only_minutes=rules.followers_only_minutes,
                account_age_minutes=rules.account_age_minutes,
            )
        )

    async def set_pinned(self, channel_id: str, message: ChatMessage | None) -> None:
        """Show this message above the chat, or none."""
        await self._rooms.set_pinned(channel_id, message)
        await self._bus.announce(ChatPinned(at=self._now(), channel_id=channel_id, line=message and line_of(message)))

    async def _unpin(self, channel_id: str, is_gone: Callable[[ChatMessage], bool]) -> None:
        """What was taken away does not stay above the chat."""
        pinned = await self._rooms.pinned(channel_id)
        if pinned and is_gone(pinned):
            await self.set_pinned(channel_id, None)

    async def _say_role(self, channel_id: str, chatter: Chatter, role: Role) -> None:
        await self._bus.announce(
            ChatterRoleChanged(
                at=self._now(),
                channel_id=channel_id,
                user_id=chatter.user_id,
                username=chatter.username,
                role=role.value,
            )
        )
