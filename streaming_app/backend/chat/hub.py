"""Delivers chat events to the subscribers of one process. Each channel has its own room.

A message is encoded once, and all subscribers get the same frame. The hub does not depend on sockets: a subscriber is
any object that accepts frames.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol, TypeVar

from streaming_app.backend.bus import Delivery
from streaming_app.backend.chat.model import ChatMessage, ChatRules
from streaming_app.backend.chat.room import DeletedIds, Encoder, Room, Subscriber
from streaming_app.backend.errors import NotFoundError
from streaming_app.backend.events import (
    AccountDeleted,
    ChatControlEvent,
    ChatMessagesDeleted,
    ChatMessageSent,
    ChatModerated,
)

RECENT_MESSAGES = 50
"""Number of messages that a new subscriber gets."""
RESUME_MAX = 500
"""A subscriber that missed more messages than this, deleted ones included, gets the recent messages instead."""
DISPLAYED_MAX = 200
"""Number of messages that a resuming viewer may still display, and whose deletions it is told about."""
DELETED_IDS_AGE = timedelta(seconds=5)
"""How long ids that were read are used, unless the room hears of a change. Announcements can be lost."""
CHAT_LOOKBACK = timedelta(seconds=60)
"""Twice the lag of the archive. A new process reads the chat events of this time. A room is removed when it has had no
messages for this time and has no subscribers."""

T = TypeVar("T")


class ChatHistory(Protocol):
    """The part of the archive that the hub reads."""

    async def recent(self, channel_id: str, limit: int) -> list[ChatMessage]:
        """Return the newest ``limit`` messages, oldest first."""
        ...

    async def after(self, channel_id: str, position: int, limit: int) -> list[ChatMessage]:
        """Return the first ``limit`` messages after ``position``, oldest first."""
        ...

    async def deleted_ids(self, channel_id: str, limit: int) -> list[str]:
        """Return the ids of the deleted ones among the newest ``limit`` messages."""
        ...


class ChatSettingsReader(Protocol):
    """The settings of a channel's chat that the hub reads."""

    async def rules_and_pinned(self, channel_id: str) -> tuple[ChatRules, ChatMessage | None]:
        """Return the rules, and the pinned message if any. Raises ``NotFoundError`` if the channel does not exist."""
        ...


@dataclass(frozen=True, slots=True)
class JoinSnapshot:
    """The state of a chat that a new subscriber gets."""

    messages: list[ChatMessage]
    resumed: bool
    """Whether the messages continue after the last one that the viewer has, with none missing."""
    deleted: list[str]
    """Ids of deleted messages that a resuming viewer may still display."""
    rules: ChatRules
    pinned: ChatMessage | None


class ChatHub:
    """The rooms of all channels."""

    def __init__(
        self,
        history: ChatHistory,
        settings: ChatSettingsReader,
        encoder: Encoder,
        retention: timedelta | None = None,
    ) -> None:
        """``retention`` is how long messages are shown to new subscribers; ``None`` is for ever."""
        self._history = history
        self._settings = settings
        self._encoder = encoder
        self._retention = retention
        self._rooms: dict[str, Room] = {}
        self._reads: dict[tuple[object, ...], asyncio.Task[Any]] = {}
        self._moderated_at: dict[str, float] = {}
        """Times (of the event loop) of the newest ``ChatModerated`` events, by channel."""

    async def handle(self, batch: Sequence[Delivery]) -> None:
        """Deliver chat events to the rooms of their channels, and ``AccountDeleted`` to all rooms.

        Other events are ignored.
        """
        heard: dict[str, list[Delivery]] = {}
        for delivery in batch:
            event = delivery.event
            if isinstance(event, AccountDeleted):
                self._erase(event, delivery.position)
            if isinstance(event, ChatModerated):
                self._moderated_at[event.channel_id] = asyncio.get_running_loop().time()
            if isinstance(event, ChatMessageSent) or (
                isinstance(event, ChatControlEvent | ChatModerated)
                and (event.channel_id in self._rooms or event.channel_id in heard)
            ):
                heard.setdefault(event.channel_id, []).append(delivery)
        for channel_id, deliveries in heard.items():
            self._room(channel_id).handle(deliveries)

    async def join(
        self, channel_id: str, subscriber: Subscriber, after: int | None, welcome: Callable[[JoinSnapshot], bytearray]
    ) -> None:
        """Send ``subscriber`` its ``welcome`` frame and from then on all events, without gaps and duplicates.

        ``after`` is the position of the last message that the viewer has seen. Raises ``NotFoundError`` when there is
        no such channel.
        """
        room = self._room(channel_id)
        with room.joining():
            try:
                await self._read_settings(room, channel_id)
            except NotFoundError:
                self._rooms.pop(channel_id, None)
                raise
            snapshot = await self._snapshot(room, channel_id, after)
            subscriber.send_control(welcome(snapshot))
            if snapshot.resumed:
                for frame in room.recent_control_frames:
                    subscriber.send_control(frame)
            room.subscribe(subscriber, snapshot.messages, _seen_position(snapshot, after))

    def unsubscribe(self, channel_id: str, subscriber: Subscriber) -> None:
        """Remove a subscriber, if it is one."""
        if room := self._rooms.get(channel_id):
            room.unsubscribe(subscriber)

    def broadcast(self, channel_id: str, frame: bytearray) -> None:
        """Send a control frame to all subscribers of the channel."""
        if room := self._rooms.get(channel_id):
            room.broadcast(frame)

    def subscriber_count(self, channel_id: str) -> int:
        """Return the number of subscribers of the channel in this process."""
        room = self._rooms.get(channel_id)
        return room.subscriber_count if room else 0

    def pop_moderation_updates(self) -> list[str]:
        """Return the channels whose moderation page has changed since the last call."""
        news = [channel_id for channel_id, room in self._rooms.items() if room.has_moderation_update]
        for channel_id in news:
            self._rooms[channel_id].has_moderation_update = False
        return news

    def was_moderated_recently(self, channel_id: str) -> bool:
        """Return whether the channel's moderation page may have changed within ``CHAT_LOOKBACK``."""
        return channel_id in self._moderated_at and self._moderated_at[channel_id] > _loop_time_before(CHAT_LOOKBACK)

    async def refresh_settings(self, at: datetime) -> list[str]:
        """Read the settings of all rooms with subscribers again, because announcements can be lost.

        Return the ids of channels that no longer exist. Messages that are older than the retention are forgotten.
        """
        gone: list[str] = []
        for channel_id, room in list(self._rooms.items()):
            if self._retention:
                room.buffer.forget_before(at - self._retention)
            if not room.subscriber_count:
                continue
            heard = room.settings_updates
            try:
                rules, pinned = await self._settings.rules_and_pinned(channel_id)
            except NotFoundError:  # the account of the channel was deleted
                gone.append(channel_id)
                continue
            if room.settings_updates == heard:  # otherwise the values that were read may be outdated
                room.refresh_settings(channel_id, rules, pinned, at)
        return gone

    def remove_idle_rooms(self) -> None:
        """Remove the rooms without subscribers and recent messages."""
        before = _loop_time_before(CHAT_LOOKBACK)
        self._moderated_at = {channel_id: at for channel_id, at in self._moderated_at.items() if at > before}
        for channel_id in [channel_id for channel_id, room in self._rooms.items() if room.is_idle(before)]:
            del self._rooms[channel_id]

    def _erase(self, event: AccountDeleted, position: int) -> None:
        """Remove the messages of a deleted account from all rooms and screens."""
        for channel_id, room in self._rooms.items():
            deleted = ChatMessagesDeleted(
                at=event.at,
                channel_id=channel_id,
                entry_id=event.event_id,
                user_id=event.user_id,
                username=event.username,
            )
            room.handle([Delivery(deleted, position)])

    def _room(self, channel_id: str) -> Room:
        if channel_id not in self._rooms:
            self._rooms[channel_id] = Room(self._encoder)
        return self._rooms[channel_id]

    async def _read_settings(self, room: Room, channel_id: str) -> None:
        # An event that arrives during the read is newer than its result.
        if room.rules is not None and room.is_pinned_known:
            return
        read = partial(self._settings.rules_and_pinned, channel_id)
        rules, pinned = await self._read_once(room, ("settings", channel_id), read)
        room.rules = room.rules or rules
        room.pinned = room.pinned if room.is_pinned_known else pinned
        room.is_pinned_known = True

    async def _snapshot(self, room: Room, channel_id: str, after: int | None) -> JoinSnapshot:
        # The room already receives events. Messages that arrive while the archive is read are merged from its buffer.
        if after is not None:
            deleted = await self._deleted_ids(room, channel_id)
            behind = await self._archived_after(room, channel_id, after)
            missed = [message for message in room.buffer.merged_with(behind) if message.position > after]
            if len(missed) + len(deleted) <= RESUME_MAX:
                return _snapshot_of(room, missed, resumed=True, deleted=deleted)
        recent: list[ChatMessage] = []
        if len(room.buffer) < RECENT_MESSAGES:
            newest = partial(self._history.recent, channel_id, RECENT_MESSAGES)
            recent = await self._read_once(room, ("recent", channel_id), newest)
        return _snapshot_of(room, room.buffer.merged_with(recent)[-RECENT_MESSAGES:], resumed=False, deleted=[])

    async def _deleted_ids(self, room: Room, channel_id: str) -> list[str]:
        """Return the ids of the deleted ones among the messages that a resuming viewer may display or has missed.

        After a restart of a feed, all of its viewers resume within seconds. They share a read of the archive.
        """
        if room.deleted_ids and room.deleted_ids.read_at > _loop_time_before(DELETED_IDS_AGE):
            return room.deleted_ids.ids
        changes, read_at = room.deletion_changes, asyncio.get_running_loop().time()
        among = partial(self._history.deleted_ids, channel_id, DISPLAYED_MAX + RESUME_MAX)
        ids = await self._read_once(room, ("deleted", channel_id, changes), among)
        if room.deletion_changes == changes:
            room.deleted_ids = DeletedIds(ids, read_at)
        return ids

    async def _archived_after(self, room: Room, channel_id: str, after: int) -> list[ChatMessage]:
        if room.buffer.covers(after):
            return []
        said = partial(self._history.after, channel_id, after, RESUME_MAX + 1)
        return await self._read_once(room, ("after", channel_id, after), said)

    async def _read_once(self, room: Room, question: tuple[object, ...], ask: Callable[[], Awaitable[T]]) -> T:
        """Run a read of the store; concurrent callers with the same key share one read."""
        if question not in self._reads:
            self._reads[question] = asyncio.create_task(self._run_read(room, question, ask))
        answer: T = await asyncio.shield(self._reads[question])
        return answer

    async def _run_read(self, room: Room, question: tuple[object, ...], ask: Callable[[], Awaitable[T]]) -> T:
        try:
            with room.joining():
                return await ask()
        finally:
            del self._reads[question]


def _loop_time_before(period: timedelta) -> float:
    return asyncio.get_running_loop().time() - period.total_seconds()


def _seen_position(snapshot: JoinSnapshot, after: int | None) -> int:
    """Return the position up to which the viewer has seen all messages that it will get."""
    if snapshot.resumed and after is not None:
        return after
    return snapshot.messages[0].position if snapshot.messages else -1


def _snapshot_of(room: Room, messages: list[ChatMessage], *, resumed: bool, deleted: list[str]) -> JoinSnapshot:
    return JoinSnapshot(messages, resumed, deleted, room.rules or ChatRules(), room.pinned)
