"""Shows what is said to everyone who watches: one hub in each web process, a room for each channel.

A message is encoded once and handed to every seat. Nothing here knows sockets: a seat is whoever takes frames.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter
from typing import Protocol

from streaming_app.backend.bus import Delivery
from streaming_app.backend.chat.deliveries import messages_in
from streaming_app.backend.chat.model import ChatMessage

RECENT = 50
"""Messages that a viewer finds on arrival."""
RESUME_MAX = 500
"""A viewer who missed more than this begins anew with the recent ones."""

RING_SIZE = 200
"""Messages a room remembers ..."""
ARCHIVE_LAG = timedelta(seconds=30)
"""... and beyond that those which the archive may not hold yet ..."""
RING_MAX = 2_000
"""... but never more than this."""
FORGET_AFTER_SECONDS = 60.0
"""A room without seats is forgotten when nothing was said for so long: twice what the archive may lag."""

COALESCE_MAX_SECONDS = 0.05
"""No message waits longer than this for others."""
COALESCE_FACTOR = 3.0
"""Messages wait for each other this many times as long as the last frame took to hand out: none does in a quiet room,
and in a crowded one handing out takes a quarter of the time at most, until the maximum above is reached."""


class Seat(Protocol):
    """Where a viewer's frames go."""

    def send(self, frame: bytes) -> None:
        """Take ``frame``: never waits, never raises; a viewer who cannot keep up is the seat's business."""
        ...


class ChatHistory(Protocol):
    """What was said before."""

    async def recent(self, channel_id: str, limit: int) -> list[ChatMessage]:
        """The newest ``limit`` messages, oldest first."""
        ...

    async def after(self, channel_id: str, position: int, limit: int) -> list[ChatMessage]:
        """The first ``limit`` messages behind ``position``, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class Said:
    """What an arriving viewer is shown."""

    messages: list[ChatMessage]
    resumed: bool
    """Whether these follow the last one the viewer saw, with nothing left out."""


@dataclass(frozen=True, slots=True)
class _Ahead:
    """What a viewer has seen before the room heard it, from the archive or elsewhere: it must not be shown again."""

    message_ids: frozenset[str]
    seen: int
    """Everything up to this position was seen too, by a viewer who came from another process."""
    until: int
    """When the room has heard this position, there is nothing left to leave out."""

    def leaves_of(self, messages: list[ChatMessage]) -> list[ChatMessage]:
        """Those that the viewer has not seen."""
        return [m for m in messages if m.position > self.seen and m.message_id not in self.message_ids]


class ChatHub:
    """Every channel's room. ``frame_of`` encodes messages as the seats take them."""

    def __init__(self, history: ChatHistory, frame_of: Callable[[Sequence[ChatMessage]], bytes]) -> None:
        self._history = history
        self._frame_of = frame_of
        self._rooms: dict[str, _Room] = {}

    async def hear(self, batch: Sequence[Delivery]) -> None:
        """Show the chat messages in ``batch`` to those who watch their channels; other events pass."""
        said: dict[str, list[ChatMessage]] = {}
        for message in messages_in(batch):
            said.setdefault(message.channel_id, []).append(message)
        for channel_id, messages in said.items():
            self._room(channel_id).hear(messages)

    async def join(self, channel_id: str, seat: Seat, after: int | None, welcome: Callable[[Said], bytes]) -> None:
        """Give ``seat`` its ``welcome``, and from then on every message of the channel, none left out, none twice.

        ``after`` is the position of the last message that the viewer has seen.
        """
        room = self._room(channel_id)
        room.joining += 1
        try:
            said = await self._said(room, channel_id, after)
            room.flush()
            seat.send(welcome(said))
            room.sit(seat, said.messages, after if said.resumed and after is not None else -1)
        finally:
            room.joining -= 1

    def leave(self, channel_id: str, seat: Seat) -> None:
        """Give up the seat, if it is one."""
        if room := self._rooms.get(channel_id):
            room.seats.pop(seat, None)

    def broadcast(self, channel_id: str, frame: bytes) -> None:
        """Hand ``frame`` to every seat of the channel."""
        if room := self._rooms.get(channel_id):
            for seat in tuple(room.seats):
                seat.send(frame)

    def seats(self, channel_id: str) -> int:
        """How many seats the channel has in this process."""
        room = self._rooms.get(channel_id)
        return len(room.seats) if room else 0

    def watched(self) -> dict[str, int]:
        """How many seats each channel has that has any."""
        return {channel_id: len(room.seats) for channel_id, room in self._rooms.items() if room.seats}

    def forget_idle(self) -> None:
        """Drop the rooms that nobody watches and where nothing is said."""
        before = asyncio.get_running_loop().time() - FORGET_AFTER_SECONDS
        for channel_id in [channel_id for channel_id, room in self._rooms.items() if room.is_idle(before)]:
            del self._rooms[channel_id]

    def _room(self, channel_id: str) -> "_Room":
        if channel_id not in self._rooms:
            self._rooms[channel_id] = _Room(self._frame_of)
        return self._rooms[channel_id]

    async def _said(self, room: "_Room", channel_id: str, after: int | None) -> Said:
        # The room hears already: whatever is said while the archive is read is in its ring, and merged in at the end.
        if after is not None:
            archived = [] if room.covers(after) else await self._history.after(channel_id, after, RESUME_MAX + 1)
            missed = [message for message in room.merged_with(archived) if message.position > after]
            if len(missed) <= RESUME_MAX:
                return Said(missed, resumed=True)
        archived = [] if len(room.ring) >= RECENT else await self._history.recent(channel_id, RECENT)
        return Said(room.merged_with(archived)[-RECENT:], resumed=False)


class _Room:
    """One channel: its newest messages, and the seats that they go to."""

    def __init__(self, frame_of: Callable[[Sequence[ChatMessage]], bytes]) -> None:
        self.ring: deque[ChatMessage] = deque()
        self.seats: dict[Seat, _Ahead | None] = {}
        self.joining = 0
        self._frame_of = frame_of
        self._loop = asyncio.get_running_loop()
        self._heard_at = self._loop.time()
        self._unsent: list[ChatMessage] = []
        self._busy_until = 0.0
        self._next_flush: asyncio.TimerHandle | None = None

    def hear(self, messages: Sequence[ChatMessage]) -> None:
        self._heard_at = self._loop.time()
        self.ring.extend(messages)
        while len(self.ring) > RING_SIZE and (len(self.ring) > RING_MAX or self._oldest_is_archived()):
            self.ring.popleft()
        if not self.seats:
            return
        self._unsent.extend(messages)
        wait = self._busy_until - perf_counter()
        if wait <= 0:
            self.flush()
        elif self._next_flush is None:
            self._next_flush = self._loop.call_later(wait, self.flush)

    def flush(self) -> None:
        """Hand out now what waits."""
        if self._next_flush:
            self._next_flush.cancel()
            self._next_flush = None
        if not self._unsent:
            return
        started = perf_counter()
        messages, self._unsent = self._unsent, []
        frame = self._frame_of(messages)
        for seat, ahead in tuple(self.seats.items()):
            if ahead is None:
                seat.send(frame)
            else:
                self._send_unseen(seat, ahead, messages, frame)
        cost = perf_counter() - started
        self._busy_until = started + cost + min(COALESCE_FACTOR * cost, COALESCE_MAX_SECONDS)

    def sit(self, seat: Seat, shown: Sequence[ChatMessage], seen: int) -> None:
        heard = self.ring[-1].position if self.ring else -1
        until = max(seen, shown[-1].position if shown else -1)
        message_ids = frozenset(message.message_id for message in shown if message.position > heard)
        self.seats[seat] = _Ahead(message_ids, seen, until) if until > heard else None

    def covers(self, position: int) -> bool:
        """Whether the ring holds everything said behind ``position``."""
        return bool(self.ring) and self.ring[0].position <= position

    def merged_with(self, archived: Iterable[ChatMessage]) -> list[ChatMessage]:
        """What the archive and the ring hold, each once, oldest first."""
        known = {message.message_id: message for message in (*archived, *self.ring)}
        return sorted(known.values(), key=lambda message: message.position)

    def is_idle(self, before: float) -> bool:
        return not self.seats and not self.joining and self._heard_at < before

    def _oldest_is_archived(self) -> bool:
        return self.ring[-1].sent_at - self.ring[0].sent_at > ARCHIVE_LAG

    def _send_unseen(self, seat: Seat, ahead: _Ahead, messages: list[ChatMessage], frame: bytes) -> None:
        unseen = ahead.leaves_of(messages)
        if len(unseen) == len(messages):
            seat.send(frame)
        elif unseen:
            seat.send(self._frame_of(unseen))
        if messages[-1].position >= ahead.until:
            self.seats[seat] = None
