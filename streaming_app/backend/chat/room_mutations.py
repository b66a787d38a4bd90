"""Changes the chat of a channel and sends the events about it. Permissions are checked by the callers."""

from collections.abc import Callable, Sequence
from datetime import datetime

from streaming_app.backend.bus import Bus
from streaming_app.backend.chat.event_conversion import message_to_payload, pin_to_event, rules_to_event
from streaming_app.backend.chat.model import Ban, ChatMessage, ChatRules, Chatter, QuotedMessage, Role
from streaming_app.backend.chat.ports import ChatSettingsRepository
from streaming_app.backend.chat.quoted_messages import without_deleted_quote
from streaming_app.backend.events import (
    ChatMessagesDeleted,
    ChatMessagesRestored,
    ChatterBanned,
    ChatterRoleChanged,
    ChatterUnbanned,
)


class ChatRoomMutations:
    """Changes of messages, bans, moderators, rules and the pinned message.

    Deletions and restorations exist only as events: they are published durably and raise ``BusUnavailableError`` if
    that fails. All other changes are written to the store first and then announced.
    """

    def __init__(self, chat_settings: ChatSettingsRepository, bus: Bus, now: Callable[[], datetime]) -> None:
        self._chat_settings = chat_settings
        self._bus = bus
        self._now = now

    async def delete_messages(self, channel_id: str, entry_id: str, message_ids: Sequence[str]) -> None:
        """Delete messages; unpin the pinned message if it is one of them."""
        await self._bus.publish(
            ChatMessagesDeleted(
                at=self._now(), channel_id=channel_id, entry_id=entry_id, message_ids=tuple(message_ids)
            )
        )
        await self._unpin_deleted(
            channel_id,
            lambda pinned: pinned.message_id in message_ids,
            lambda _, quoted: quoted.message_id in message_ids,
        )

    async def delete_all_by_user(self, channel_id: str, entry_id: str, chatter: Chatter) -> None:
        """Delete all messages that a chatter has sent until now."""
        await self._bus.publish(
            ChatMessagesDeleted(
                at=self._now(),
                channel_id=channel_id,
                entry_id=entry_id,
                user_id=chatter.user_id,
                username=chatter.username,
            )
        )
        await self._unpin_deleted(
            channel_id,
            lambda pinned: pinned.user_id == chatter.user_id,
            lambda _, quoted: quoted.username == chatter.username,
        )

    async def restore_messages(self, channel_id: str, entry_id: str, newest: Sequence[ChatMessage]) -> None:
        """Restore the messages that a log entry deleted. Open screens only get those in ``newest``."""
        lines = tuple(map(message_to_payload, newest))
        await self._bus.publish(
            ChatMessagesRestored(at=self._now(), channel_id=channel_id, entry_id=entry_id, lines=lines)
        )

    async def ban(self, ban: Ban) -> None:
        """Store a ban or a timeout."""
        await self._chat_settings.set_ban(ban)
        await self._bus.announce(
            ChatterBanned(
                at=self._now(),
                channel_id=ban.channel_id,
                user_id=ban.user_id,
                username=ban.username,
                until=ban.until,
                reason=ban.reason,
            )
        )

    async def unban(self, channel_id: str, chatter: Chatter, since: datetime) -> None:
        """Lift the ban of a chatter that started at ``since``, if it is still the current one."""
        if not await self._chat_settings.lift_ban(channel_id, chatter.user_id, since):
            return
        await self._bus.announce(
            ChatterUnbanned(at=self._now(), channel_id=channel_id, user_id=chatter.user_id, username=chatter.username)
        )

    async def add_moderator(self, channel_id: str, chatter: Chatter) -> None:
        """Make a chatter a moderator, if they are not one already."""
        if await self._chat_settings.add_moderator(channel_id, chatter):
            await self._announce_role(channel_id, chatter, Role.MODERATOR)

    async def remove_moderator(self, channel_id: str, chatter: Chatter, role: Role = Role.VIEWER) -> None:
        """Remove a moderator, if they are one. ``role`` is their role afterwards."""
        if await self._chat_settings.remove_moderator(channel_id, chatter.user_id):
            await self._announce_role(channel_id, chatter, role)

    async def set_rules(self, channel_id: str, rules: ChatRules, expected_version: int) -> bool:
        """Replace the rules. Returns ``False`` if their version is not ``expected_version``."""
        if not await self._chat_settings.set_rules(channel_id, rules, expected_version):
            return False
        await self._bus.announce(rules_to_event(channel_id, rules, self._now()))
        return True

    async def set_pinned(self, channel_id: str, message: ChatMessage | None, expected_id: str) -> bool:
        """Pin a message, or unpin with ``None``. Returns ``False`` if the pinned message is not ``expected_id``."""
        if not await self._chat_settings.set_pinned(channel_id, message, expected_id):
            return False
        await self._bus.announce(pin_to_event(channel_id, message, self._now()))
        return True

    async def _unpin_deleted(
        self,
        channel_id: str,
        is_gone: Callable[[ChatMessage], bool],
        is_quote_gone: Callable[[ChatMessage, QuotedMessage], bool],
    ) -> None:
        """Unpin the pinned message if it was deleted, or remove its quote if the quoted message was deleted."""
        while pinned := await self._chat_settings.pinned(channel_id):
            left = None if is_gone(pinned) else without_deleted_quote(pinned, is_quote_gone)
            if left == pinned or await self.set_pinned(channel_id, left, pinned.message_id):
                return

    async def _announce_role(self, channel_id: str, chatter: Chatter, role: Role) -> None:
        await self._bus.announce(
            ChatterRoleChanged(
                at=self._now(),
                channel_id=channel_id,
                user_id=chatter.user_id,
                username=chatter.username,
                role=role.value,
            )
        )
