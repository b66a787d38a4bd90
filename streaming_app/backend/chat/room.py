"""The chat of one channel in one process: its current state and its subscribers."""

import asyncio
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Protocol

from streaming_app.backend.bus import Delivery
from streaming_app.backend.chat.event_conversion import (
    message_from_payload,
    messages_from_deliveries,
    pin_to_event,
    rules_from_event,
    rules_to_event,
)
from streaming_app.backend.chat.message_buffer import MessageBuffer
from streaming_app.backend.chat.model import ChatMessage, ChatRules
from streaming_app.backend.events import (
    ChatControlEvent,
    ChatMessagesDeleted,
    ChatMessageSent,
    ChatMessagesRestored,
    ChatModerated,
    ChatPinned,
    ChatRulesChanged,
)

COALESCE_MAX_SECONDS = 0.036
"""Maximum time that a message waits for others to share a frame with."""
COALESCE_FACTOR = 3.0
"""After a frame, messages wait this many times as long as sending the frame took. So messages in a quiet room do not
wait, and a crowded room spends at most a quarter of its time on sending, until the maximum above is reached."""


class Subscriber(Protocol):
    """Receives the frames of a viewer. Its methods neither block nor raise; it handles slow viewers itself."""

    def send(self, frame: bytearray) -> None:
        """Send a frame with messages. It may be dropped if the viewer is far behind; the viewer is told."""
        ...

    def send_control(self, frame: bytearray) -> None:
        """Send any other frame. It must not be dropped."""
        ...


class Encoder(Protocol):
    """Encodes events as frames."""

    def messages(self, messages: Sequence[ChatMessage]) -> bytearray:
        """Return the frame with new messages."""
        ...

    def control_event(self, event: ChatControlEvent, position: int) -> bytearray:
        """Return the frame of a control event."""
        ...


@dataclass(frozen=True, slots=True)
class _AlreadySeen:
    """The messages that a subscriber has seen before the room received them, and must not get again."""

    message_ids: frozenset[str]
    seen_position: int
    """All messages up to this position were seen too, for example from another process."""
    last_position: int
    """After this position no message has been seen."""

    def unseen(self, messages: list[ChatMessage]) -> list[ChatMessage]:
        """Return the messages that the subscriber has not seen."""
        return [m for m in messages if m.position > self.seen_position and m.message_id not in self.message_ids]


@dataclass(frozen=True, slots=True)
class DeletedIds:
    """The ids of deleted messages that resuming viewers may still display, as the archive had them."""

    ids: list[str]
    read_at: float
    """Time of the event loop before the read."""


class Room:
    """A channel's messages, settings and subscribers. ``rules`` and ``pinned`` are unknown until the first read."""

    def __init__(self, encoder: Encoder) -> None:
        self.buffer = MessageBuffer()
        self.rules: ChatRules | None = None
        self.pinned: ChatMessage | None = None
        self.is_pinned_known = False
        self.settings_updates = 0
        """Number of received events about rules and the pinned message."""
        self.deleted_ids: DeletedIds | None = None
        """``None`` if they were not read, or may have changed since."""
        self.deletion_changes = 0
        """Number of received events that delete or restore messages."""
        self.has_moderation_update = False
        self.recent_control_frames: list[bytearray] = []
        """Control frames that subscribers who are joining may have missed."""
        self._joining_count = 0
        self._subscribers: dict[Subscriber, None] = {}
        self._already_seen: dict[Subscriber, _AlreadySeen] = {}
        self._encoder = encoder
        self._loop = asyncio.get_running_loop()
        self._last_message_at = self._loop.time()
        self._unsent: list[ChatMessage] = []
        self._busy_until = 0.0
        self._next_flush: asyncio.TimerHandle | None = None

    @property
    def subscriber_count(self) -> int:
        """Number of subscribers."""
        return len(self._subscribers)

    def handle(self, deliveries: Sequence[Delivery]) -> None:
        """Apply chat events, oldest first, and send them to the subscribers."""
        said: list[Delivery] = []
        for delivery in deliveries:
            match delivery.event:
                case ChatMessageSent():
                    said.append(delivery)
                case ChatModerated():
                    self.has_moderation_update = True
                case event if isinstance(event, ChatControlEvent):
                    self._add_messages(messages_from_deliveries(said))
                    said.clear()
                    self._apply_control_event(event, delivery.position)
                case _:
                    pass
        self._add_messages(messages_from_deliveries(said))

    def refresh_settings(self, channel_id: str, rules: ChatRules, pinned: ChatMessage | None, at: datetime) -> None:
        """Apply the settings of the store where the room differs because it missed an announcement."""
        changed = rules_to_event(channel_id, rules, at)
        if self.rules is not None and rules_from_event(changed) != rules_from_event(
            rules_to_event(channel_id, self.rules, at)
        ):
            self._apply_control_event(changed, self.buffer.newest_position)
        if self.is_pinned_known and self.pinned != pinned:
            self._apply_control_event(pin_to_event(channel_id, pinned, at), self.buffer.newest_position)

    def flush(self) -> None:
        """Send the waiting messages now."""
        if self._next_flush:
            self._next_flush.cancel()
            self._next_flush = None
        if not self._unsent:
            return
        started = perf_counter()
        messages, self._unsent = self._unsent, []
        frame = self._encoder.messages(messages)
        if self._already_seen:
            self._send_unseen(messages, frame)
        else:
            for subscriber in tuple(self._subscribers):
                subscriber.send(frame)
        cost = perf_counter() - started
        self._busy_until = started + cost + min(COALESCE_FACTOR * cost, COALESCE_MAX_SECONDS)

    def broadcast(self, frame: bytearray) -> None:
        """Send a control frame to all subscribers, after the waiting messages."""
        self.flush()
        for subscriber in tuple(self._subscribers):
            subscriber.send_control(frame)

    def subscribe(self, subscriber: Subscriber, shown: Sequence[ChatMessage], seen: int) -> None:
        """Add a subscriber that got the messages ``shown`` and has seen all messages up to position ``seen``."""
        heard = self.buffer.newest_position
        if self._unsent:  # the room has received them, so the snapshot contains them
            seen = max(seen, heard)
        until = max(seen, shown[-1].position if shown else -1)
        self._subscribers[subscriber] = None
        if self._unsent or until > heard:
            message_ids = frozenset(message.message_id for message in shown if message.position > heard)
            self._already_seen[subscriber] = _AlreadySeen(message_ids, seen, until)

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Remove a subscriber, if it is one."""
        self._subscribers.pop(subscriber, None)
        self._already_seen.pop(subscriber, None)

    @contextmanager
    def joining(self) -> Generator[None]:
        """Keep the room, and remember its control frames, while a subscriber is joining."""
        self._joining_count += 1
        try:
            yield
        finally:
            self._joining_count -= 1
            if not self._joining_count:
                self.recent_control_frames.clear()

    def is_idle(self, before: float) -> bool:
        """Return whether the room has no subscribers and has received no message since ``before`` (loop time)."""
        return not self._subscribers and not self._joining_count and self._last_message_at < before

    def _add_messages(self, messages: list[ChatMessage]) -> None:
        if not messages:
            return
        self._last_message_at = self._loop.time()
        messages = self.buffer.add(messages)
        if not self._subscribers or not messages:
            return
        self._unsent.extend(messages)
        wait = self._busy_until - perf_counter()
        if wait <= 0:
            self.flush()
        elif self._next_flush is None:
            self._next_flush = self._loop.call_later(wait, self.flush)

    def _apply_control_event(self, event: ChatControlEvent, position: int) -> None:
        if isinstance(event, ChatMessagesDeleted | ChatMessagesRestored):
            self.deletion_changes += 1
            self.deleted_ids = None
        match event:
            case ChatMessagesDeleted():
                self.buffer.delete(event, position)
            case ChatMessagesRestored():
                self.buffer.restore(
                    event.entry_id, [message_from_payload(event.channel_id, line) for line in event.lines]
                )
            case ChatRulesChanged():
                self.settings_updates += 1
                self.rules = rules_from_event(event)
            case ChatPinned():
                self.settings_updates += 1
                self.pinned = event.line and message_from_payload(event.channel_id, event.line)
                self.is_pinned_known = True
            case _:
                pass
        if self._subscribers or self._joining_count:
            frame = self._encoder.control_event(event, position)
            self.broadcast(frame)
            if self._joining_count:
                self.recent_control_frames.append(frame)

    def _send_unseen(self, messages: list[ChatMessage], frame: bytearray) -> None:
        for subscriber in tuple(self._subscribers):
            ahead = self._already_seen.get(subscriber)
            unseen = ahead.unseen(messages) if ahead else messages
            if len(unseen) == len(messages):
                subscriber.send(frame)
            elif unseen:
                subscriber.send(self._encoder.messages(unseen))
            if ahead and messages[-1].position >= ahead.last_position:
                del self._already_seen[subscriber]
