"""One channel's chat in one process: what it shows, and the seats of those who watch."""

import asyncio
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Protocol

from streaming_app.backend.bus import Delivery
from streaming_app.backend.chat.event_conversion import message_in, messages_in, pin_changed, rules_changed, rules_of
from streaming_app.backend.chat.model import ChatMessage, ChatRules
from streaming_app.backend.chat.ring import Ring
from streaming_app.backend.events import (
    ChatEmotesChanged,
    ChatMessagesDeleted,
    ChatMessageSent,
    ChatMessagesRestored,
    ChatModerated,
    ChatPinned,
    ChatRulesChanged,
    ChatterBanned,
    ChatterRoleChanged,
    ChatterUnbanned,
)

COALESCE_MAX_SECONDS = 0.036
"""No message waits longer than this for others."""
COALESCE_FACTOR = 3.0
"""Messages wait for each other this many times as long as the last frame took to hand out: none does in a quiet room,
and in a crowded one handing out takes a quarter of the time at most, until the maximum above is reached."""

ChatControlEvent = (
    ChatMessagesDeleted
    | ChatMessagesRestored
    | ChatterBanned
    | ChatterUnbanned
    | ChatterRoleChanged
    | ChatRulesChanged
    | ChatPinned
    | ChatEmotesChanged
)
"""What changes what a chat shows, and is shown in its place among the messages."""


class Subscriber(Protocol):
    """Where a viewer's frames go. Neither method waits or raises: who cannot keep up is the seat's business."""

    def send(self, frame: bytearray) -> None:
        """Take messages. They may be left out for a viewer who is far behind, not without a word."""
        ...

    def send_control(self, frame: bytearray) -> None:
        """Take anything else, which a viewer must not miss."""
        ...


class Encoder(Protocol):
    """How what happens is told to seats, which all get the same frame."""

    def messages(self, messages: Sequence[ChatMessage]) -> bytearray:
        """Messages as they are said."""
        ...

    def act(self, event: ChatControlEvent, position: int) -> bytearray:
        """What changes what the chat shows."""
        ...


@dataclass(frozen=True, slots=True)
class _AlreadySeen:
    """What a viewer has seen before the room heard it, from the archive or elsewhere: it must not be shown again."""

    message_ids: frozenset[str]
    seen: int
    """Everything up to this position was seen too, by a viewer who came from another process."""
    until: int
    """When the room has heard this position, there is nothing left to leave out."""

    def leaves_of(self, messages: list[ChatMessage]) -> list[ChatMessage]:
        """Those that the viewer has not seen."""
        return [m for m in messages if m.position > self.seen and m.message_id not in self.message_ids]


class Room:
    """What the channel shows, and to whom. ``rules`` and ``pinned`` are unknown until they were read once."""

    def __init__(self, encoder: Encoder) -> None:
        self.ring = Ring()
        self.rules: ChatRules | None = None
        self.pinned: ChatMessage | None = None
        self.knows_pinned = False
        self.notices_heard = 0
        """How often the room was told of new rules or another pinned message."""
        self.has_moderation_news = False
        self.recent_acts: list[bytearray] = []
        """Those that somebody who is being let in may have missed."""
        self._holds = 0
        self._seats: dict[Subscriber, None] = {}
        self._ahead: dict[Subscriber, _AlreadySeen] = {}
        self._encoder = encoder
        self._loop = asyncio.get_running_loop()
        self._heard_at = self._loop.time()
        self._unsent: list[ChatMessage] = []
        self._busy_until = 0.0
        self._next_flush: asyncio.TimerHandle | None = None

    @property
    def seats(self) -> int:
        """How many there are."""
        return len(self._seats)

    def hear(self, deliveries: Sequence[Delivery]) -> None:
        """Take in what happened, oldest first."""
        said: list[Delivery] = []
        for delivery in deliveries:
            match delivery.event:
                case ChatMessageSent():
                    said.append(delivery)
                case ChatModerated():
                    self.has_moderation_news = True
                case event if isinstance(event, ChatControlEvent):
                    self._hear_messages(messages_in(said))
                    said.clear()
                    self._hear_act(event, delivery.position)
                case _:
                    pass
        self._hear_messages(messages_in(said))

    def correct_notices(self, channel_id: str, rules: ChatRules, pinned: ChatMessage | None, at: datetime) -> None:
        """Show what the store holds, where the room shows something else because it missed an announcement."""
        changed = rules_changed(channel_id, rules, at)
        if self.rules is not None and rules_of(changed) != rules_of(rules_changed(channel_id, self.rules, at)):
            self._hear_act(changed, self.ring.newest_position)
        if self.knows_pinned and self.pinned != pinned:
            self._hear_act(pin_changed(channel_id, pinned, at), self.ring.newest_position)

    def flush(self) -> None:
        """Hand out now what waits."""
        if self._next_flush:
            self._next_flush.cancel()
            self._next_flush = None
        if not self._unsent:
            return
        started = perf_counter()
        messages, self._unsent = self._unsent, []
        frame = self._encoder.messages(messages)
        if self._ahead:
            self._send_with_some_ahead(messages, frame)
        else:
            for seat in tuple(self._seats):
                seat.send(frame)
        cost = perf_counter() - started
        self._busy_until = started + cost + min(COALESCE_FACTOR * cost, COALESCE_MAX_SECONDS)

    def tell(self, frame: bytearray) -> None:
        """Hand ``frame`` to every seat, behind all that was said before."""
        self.flush()
        for seat in tuple(self._seats):
            seat.send_control(frame)

    def sit(self, seat: Subscriber, shown: Sequence[ChatMessage], seen: int) -> None:
        """Give away a seat, to a viewer who was ``shown`` these messages and has ``seen`` all up to this position."""
        heard = self.ring.newest_position
        if self._unsent:  # the room has heard it, and what it had heard was shown
            seen = max(seen, heard)
        until = max(seen, shown[-1].position if shown else -1)
        self._seats[seat] = None
        if self._unsent or until > heard:
            message_ids = frozenset(message.message_id for message in shown if message.position > heard)
            self._ahead[seat] = _AlreadySeen(message_ids, seen, until)

    def leave(self, seat: Subscriber) -> None:
        """Take the seat back, if it is one."""
        self._seats.pop(seat, None)
        self._ahead.pop(seat, None)

    @contextmanager
    def held(self) -> Generator[None]:
        """Somebody is being let in: the room is not forgotten, and remembers what happens."""
        self._holds += 1
        try:
            yield
        finally:
            self._holds -= 1
            if not self._holds:
                self.recent_acts.clear()

    def is_idle(self, before: float) -> bool:
        """Whether nobody watches and nothing was said since then."""
        return not self._seats and not self._holds and self._heard_at < before

    def _hear_messages(self, messages: list[ChatMessage]) -> None:
        if not messages:
            return
        self._heard_at = self._loop.time()
        messages = self.ring.add(messages)
        if not self._seats or not messages:
            return
        self._unsent.extend(messages)
        wait = self._busy_until - perf_counter()
        if wait <= 0:
            self.flush()
        elif self._next_flush is None:
            self._next_flush = self._loop.call_later(wait, self.flush)

    def _hear_act(self, event: ChatControlEvent, position: int) -> None:
        match event:
            case ChatMessagesDeleted():
                self.ring.delete(event, position)
            case ChatMessagesRestored():
                self.ring.restore(event.entry_id, [message_in(event.channel_id, line) for line in event.lines])
            case ChatRulesChanged():
                self.notices_heard += 1
                self.rules = rules_of(event)
            case ChatPinned():
                self.notices_heard += 1
                self.pinned = event.line and message_in(event.channel_id, event.line)
                self.knows_pinned = True
            case _:
                pass
        if self._seats or self._holds:
            frame = self._encoder.act(event, position)
            self.tell(frame)
            if self._holds:
                self.recent_acts.append(frame)

    def _send_with_some_ahead(self, messages: list[ChatMessage], frame: bytearray) -> None:
        for seat in tuple(self._seats):
            ahead = self._ahead.get(seat)
            unseen = ahead.leaves_of(messages) if ahead else messages
            if len(unseen) == len(messages):
                seat.send(frame)
            elif unseen:
                seat.send(self._encoder.messages(unseen))
            if ahead and messages[-1].position >= ahead.until:
                del self._ahead[seat]
