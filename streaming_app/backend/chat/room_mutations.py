"""Changes how a channel's chat is kept, and tells every screen. Who may is asked elsewhere."""

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
    """What the bus alone holds is published: it is durable on return. What the store holds is written, then announced.

    So the first raises ``BusUnavailableError``, and then nothing has changed.
    """

    def __init__(self, chat_settings: ChatSettingsRepository, bus: Bus, now: Callable[[], datetime]) -> None:
        self._chat_settings = chat_settings
        self._bus = bus
        self._now = now

    async def delete_messages(self, channel_id: str, entry_id: str, message_ids: Sequence[str]) -> None:
        """Take these messages away."""
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
        await self._unpin_deleted(
            channel_id,
            lambda pinned: pinned.user_id == chatter.user_id,
            lambda _, quoted: quoted.username == chatter.username,
        )

    async def restore_messages(self, channel_id: str, entry_id: str, newest: Sequence[ChatMessage]) -> None:
        """Bring back what an entry took away; ``newest`` of it are put back on the screens."""
        lines = tuple(map(message_to_payload, newest))
        await self._bus.publish(
            ChatMessagesRestored(at=self._now(), channel_id=channel_id, entry_id=entry_id, lines=lines)
        )

    async def ban(self, ban: Ban) -> None:
        """Let a chatter write nothing until an instant, or for good."""
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
        """Lift the ban that began at ``since``, and no other one."""
        if not await self._chat_settings.lift_ban(channel_id, chatter.user_id, since):
            return
        await self._bus.announce(
            ChatterUnbanned(at=self._now(), channel_id=channel_id, user_id=chatter.user_id, username=chatter.username)
        )

    async def add_moderator(self, channel_id: str, chatter: Chatter) -> None:
        """Make a viewer a moderator; one who is stays one."""
        if await self._chat_settings.add_moderator(channel_id, chatter):
            await self._announce_role(channel_id, chatter, Role.MODERATOR)

    async def remove_moderator(self, channel_id: str, chatter: Chatter, role: Role = Role.VIEWER) -> None:
        """Make a moderator what they are without that; who is none stays what they are."""
        if await self._chat_settings.remove_moderator(channel_id, chatter.user_id):
            await self._announce_role(channel_id, chatter, role)

    async def set_rules(self, channel_id: str, rules: ChatRules, expected_version: int) -> bool:
        """Keep the chat by these rules, in the place of those with this version; ``False`` when others hold by now."""
        if not await self._chat_settings.set_rules(channel_id, rules, expected_version):
            return False
        await self._bus.announce(rules_to_event(channel_id, rules, self._now()))
        return True

    async def set_pinned(self, channel_id: str, message: ChatMessage | None, expected_id: str) -> bool:
        """Show this message above the chat, or none, in the place of ``replaced_id``; ``False`` if it is not there."""
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
        """What was taken away does not stay above the chat."""
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
