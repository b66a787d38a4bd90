"""Shows what is said to everyone who watches: one hub in each web process, a room for each channel.

A message is encoded once and handed to every seat. Nothing here knows sockets: a seat is whoever takes frames.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol, TypeVar

from streaming_app.backend.bus import Delivery
from streaming_app.backend.chat.model import ChatMessage, ChatRules
from streaming_app.backend.chat.room import ChatControlEvent, Encoder, Room, Subscriber
from streaming_app.backend.events import ChatMessageSent, ChatModerated

RECENT = 50
"""Messages that a viewer finds on arrival."""
RESUME_MAX = 500
"""A viewer who missed more than this begins anew with the recent ones."""
SHOWN_MAX = 200
"""A viewer who resumes is told which of so many that they may still show were deleted."""
REMEMBERED = timedelta(seconds=60)
"""Twice what the archive may lag: a room without seats is forgotten when nothing was said for so long, and a process
that starts hears of so long before."""

T = TypeVar("T")


class ChatHistory(Protocol):
    """What was said before."""

    async def recent(self, channel_id: str, limit: int) -> list[ChatMessage]:
        """The newest ``limit`` messages, oldest first."""
        ...

    async def after(self, channel_id: str, position: int, limit: int) -> list[ChatMessage]:
        """The first ``limit`` messages behind ``position``, oldest first."""
        ...

    async def deleted_among(self, channel_id: str, until: int, limit: int) -> list[str]:
        """The ids of those that are deleted among the newest ``limit`` messages up to the position ``until``."""
        ...


class ChatNotices(Protocol):
    """What stands above a chat."""

    async def rules(self, channel_id: str) -> ChatRules:
        """How it is kept."""
        ...

    async def pinned(self, channel_id: str) -> ChatMessage | None:
        """The message above it."""
        ...


@dataclass(frozen=True, slots=True)
class JoinSnapshot:
    """What an arriving viewer is shown."""

    messages: list[ChatMessage]
    resumed: bool
    """Whether these follow the last one the viewer saw, with nothing left out."""
    deleted: list[str]
    """Of a viewer who resumes: messages that they may still show, and should not."""
    rules: ChatRules
    pinned: ChatMessage | None


class ChatHub:
    """Every channel's room."""

    def __init__(self, history: ChatHistory, notices: ChatNotices, encoder: Encoder) -> None:
        self._history = history
        self._notices = notices
        self._encoder = encoder
        self._rooms: dict[str, Room] = {}
        self._reads: dict[tuple[object, ...], asyncio.Task[Any]] = {}

    async def hear(self, batch: Sequence[Delivery]) -> None:
        """Show what happened in chats to those who watch their channels; other events pass."""
        heard: dict[str, list[Delivery]] = {}
        for delivery in batch:
            event = delivery.event
            if isinstance(event, ChatMessageSent) or (
                isinstance(event, ChatControlEvent | ChatModerated)
                and (event.channel_id in self._rooms or event.channel_id in heard)
            ):
                heard.setdefault(event.channel_id, []).append(delivery)
        for channel_id, deliveries in heard.items():
            self._room(channel_id).hear(deliveries)

    async def join(
        self, channel_id: str, seat: Subscriber, after: int | None, welcome: Callable[[JoinSnapshot], bytearray]
    ) -> None:
        """Give ``seat`` its ``welcome``, and from then on all that happens: no message is left out, none comes twice.

        ``after`` is the position of the last message that the viewer has seen.
        """
        room = self._room(channel_id)
        with room.held():
            await self._read_notices(room, channel_id)
            arrival = await self._arrival(room, channel_id, after)
            seat.send_control(welcome(arrival))
            if arrival.resumed:
                for act in room.recent_acts:
                    seat.send_control(act)
            room.sit(seat, arrival.messages, _seen(arrival, after))

    def leave(self, channel_id: str, seat: Subscriber) -> None:
        """Give up the seat, if it is one."""
        if room := self._rooms.get(channel_id):
            room.leave(seat)

    def broadcast(self, channel_id: str, frame: bytearray) -> None:
        """Hand ``frame`` to every seat of the channel."""
        if room := self._rooms.get(channel_id):
            room.tell(frame)

    def seats(self, channel_id: str) -> int:
        """How many seats the channel has in this process."""
        room = self._rooms.get(channel_id)
        return room.seats if room else 0

    def take_moderation_news(self) -> list[str]:
        """The channels with something new for their moderators since it was last asked."""
        news = [channel_id for channel_id, room in self._rooms.items() if room.has_moderation_news]
        for channel_id in news:
            self._rooms[channel_id].has_moderation_news = False
        return news

    async def correct_notices(self, at: datetime) -> None:
        """Read again what stands above the chats that are watched: announcements can be lost."""
        for channel_id, room in list(self._rooms.items()):
            if not room.seats:
                continue
            heard = room.notices_heard
            rules, pinned = await self._notices.rules(channel_id), await self._notices.pinned(channel_id)
            if room.notices_heard == heard:  # else what was read may be older
                room.correct_notices(channel_id, rules, pinned, at)

    def forget_idle(self) -> None:
        """Drop the rooms that nobody watches and where nothing is said."""
        before = asyncio.get_running_loop().time() - REMEMBERED.total_seconds()
        for channel_id in [channel_id for channel_id, room in self._rooms.items() if room.is_idle(before)]:
            del self._rooms[channel_id]

    def _room(self, channel_id: str) -> Room:
        if channel_id not in self._rooms:
            self._rooms[channel_id] = Room(self._encoder)
        return self._rooms[channel_id]

    async def _read_notices(self, room: Room, channel_id: str) -> None:
        # What the room hears while they are read is newer.
        if room.rules is None:
            rules = await self._read(room, ("rules", channel_id), partial(self._notices.rules, channel_id))
            room.rules = room.rules or rules
        if not room.knows_pinned:
            pinned = await self._read(room, ("pinned", channel_id), partial(self._notices.pinned, channel_id))
            room.pinned = room.pinned if room.knows_pinned else pinned
            room.knows_pinned = True

    async def _arrival(self, room: Room, channel_id: str, after: int | None) -> JoinSnapshot:
        # The room hears already: whatever is said while the archive is read is in its ring, and merged in at the end.
        if after is not None:
            among = partial(self._history.deleted_among, channel_id, after, SHOWN_MAX)
            deleted = await self._read(room, ("deleted", channel_id, after), among)
            behind = await self._behind(room, channel_id, after)
            missed = [message for message in room.ring.merged_with(behind) if message.position > after]
            if len(missed) <= RESUME_MAX:
                return _arrival(room, missed, resumed=True, deleted=deleted)
        recent: list[ChatMessage] = []
        if len(room.ring) < RECENT:
            newest = partial(self._history.recent, channel_id, RECENT)
            recent = await self._read(room, ("recent", channel_id), newest)
        return _arrival(room, room.ring.merged_with(recent)[-RECENT:], resumed=False, deleted=[])

    async def _behind(self, room: Room, channel_id: str, after: int) -> list[ChatMessage]:
        if room.ring.covers(after):
            return []
        said = partial(self._history.after, channel_id, after, RESUME_MAX + 1)
        return await self._read(room, ("after", channel_id, after), said)

    async def _read(self, room: Room, question: tuple[object, ...], ask: Callable[[], Awaitable[T]]) -> T:
        """What the store says, asked once for all who want to know the same now."""
        if question not in self._reads:
            self._reads[question] = asyncio.create_task(self._asked(room, question, ask))
        answer: T = await asyncio.shield(self._reads[question])
        return answer

    async def _asked(self, room: Room, question: tuple[object, ...], ask: Callable[[], Awaitable[T]]) -> T:
        try:
            with room.held():
                return await ask()
        finally:
            del self._reads[question]


def _seen(arrival: JoinSnapshot, after: int | None) -> int:
    """Up to where nothing is news to the viewer: what came before the first message shown is past."""
    if arrival.resumed and after is not None:
        return after
    return arrival.messages[0].position if arrival.messages else -1


def _arrival(room: Room, messages: list[ChatMessage], *, resumed: bool, deleted: list[str]) -> JoinSnapshot:
    return JoinSnapshot(messages, resumed, deleted, room.rules or ChatRules(), room.pinned)
