"""Messages that a filter held: a moderator lets them through, or not."""

from collections.abc import Callable
from datetime import datetime

from streaming_app.backend.bus import Bus
from streaming_app.backend.chat.deliveries import carried
from streaming_app.backend.chat.journal import Journal
from streaming_app.backend.chat.model import Chatter, Deed, Entry, HeldMessage
from streaming_app.backend.chat.people import People
from streaming_app.backend.chat.ports import HeldMessages
from streaming_app.backend.errors import BusUnavailableError
from streaming_app.backend.events import ChatMessageSent


class Review:
    """What becomes of held messages. All of it raises ``ForbiddenError`` for who may not."""

    def __init__(
        self, people: People, held: HeldMessages, journal: Journal, bus: Bus, now: Callable[[], datetime]
    ) -> None:
        self._people = people
        self._held = held
        self._journal = journal
        self._bus = bus
        self._now = now

    async def approve(self, channel_id: str, user_id: str, message_id: str) -> Entry:
        """Say it now; raises ``BusUnavailableError``, and then it waits as before."""
        actor = await self._people.moderator(channel_id, user_id, self._now())
        message = await self._held.take(channel_id, message_id)
        try:
            await self._bus.publish(
                ChatMessageSent(
                    event_id=message.message_id,
                    at=self._now(),
                    channel_id=channel_id,
                    user_id=message.user_id,
                    username=message.username,
                    text=message.text,
                    role=message.role.value,
                    reply_to=carried(message.reply_to),
                )
            )
        except BusUnavailableError:
            await self._held.add(message)
            raise
        return await self._journal.note(
            actor, Deed.APPROVE, _writer(message), detail=message.text, reason=message.reason, message_ids=[message_id]
        )

    async def reject(self, channel_id: str, user_id: str, message_id: str) -> Entry:
        """Never say it."""
        actor = await self._people.moderator(channel_id, user_id, self._now())
        message = await self._held.take(channel_id, message_id)
        return await self._journal.note(
            actor, Deed.REJECT, _writer(message), detail=message.text, reason=message.reason
        )


def _writer(message: HeldMessage) -> Chatter:
    return Chatter(message.user_id, message.username)
