"""Subscribers that record frames, and builders of deliveries, for tests of the hub."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from streaming_app.backend.bus import Delivery, position_of
from streaming_app.backend.chat.hub import ChatHistory, ChatHub, JoinSnapshot
from streaming_app.backend.chat.model import ChatMessage, ChatRules
from streaming_app.backend.events import (
    ChatControlEvent,
    ChatMessagePayload,
    ChatMessagesDeleted,
    ChatMessageSent,
    ChatMessagesRestored,
)

START = datetime(2026, 11, 24, tzinfo=UTC)


class Viewer:
    """A subscriber. A frame of messages is the list of texts; a control frame is the event's type."""

    def __init__(self) -> None:
        self.frames: list[Any] = []
        self._taken = asyncio.Event()

    def send(self, frame: bytearray) -> None:
        self.frames.append(json.loads(frame))
        self._taken.set()

    def send_control(self, frame: bytearray) -> None:
        self.send(frame)

    @property
    def read(self) -> list[str]:
        return [text for frame in self.frames if isinstance(frame, list) for text in frame]

    async def has_read(self, texts: list[str]) -> None:
        """Return when exactly ``texts`` were received. Fails at once if another text arrives, or after five seconds."""
        async with asyncio.timeout(5):
            while self.read != texts:
                assert self.read == texts[: len(self.read)]
                self._taken.clear()
                await self._taken.wait()


class TextEncoder:
    """Encodes messages as their texts, and control events as their types."""

    def __init__(self) -> None:
        self.encoded: list[int] = []

    def messages(self, messages: Sequence[ChatMessage]) -> bytearray:
        self.encoded.append(len(messages))
        return texts_of(messages)

    def control_event(self, event: ChatControlEvent, position: int) -> bytearray:  # noqa: ARG002 - the port's
        return bytearray(json.dumps(event.type).encode())


class SlowArchive:
    """The real archive, whose reads wait for the test."""

    def __init__(self, archive: ChatHistory) -> None:
        self._archive = archive
        self.asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.reads = 0
        self.reads_of_deleted = 0
        self.deleted_may_be_told = asyncio.Event()
        self.deleted_may_be_told.set()

    async def recent(self, channel_id: str, limit: int) -> list[ChatMessage]:
        return await self._answer(await self._archive.recent(channel_id, limit))

    async def after(self, channel_id: str, position: int, limit: int) -> list[ChatMessage]:
        return await self._answer(await self._archive.after(channel_id, position, limit))

    async def deleted_ids(self, channel_id: str, limit: int) -> list[str]:
        ids = await self._archive.deleted_ids(channel_id, limit)
        self.reads_of_deleted += 1
        await self.deleted_may_be_told.wait()
        return ids

    async def _answer(self, messages: list[ChatMessage]) -> list[ChatMessage]:
        self.reads += 1
        self.asked.set()
        await self.may_answer.wait()
        return messages


class Settings:
    """Rules and a pinned message, whose reads can wait for the test."""

    def __init__(self) -> None:
        self.kept = ChatRules(slow_seconds=5)
        self.pin: ChatMessage | None = None
        self.asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.reads = 0

    async def rules_and_pinned(self, channel_id: str) -> tuple[ChatRules, ChatMessage | None]:  # noqa: ARG002 - the port's
        self.reads += 1
        self.asked.set()
        await self.may_answer.wait()
        return self.kept, self.pin


class WelcomeRecorder:
    """Encodes welcome frames, and keeps the last snapshot."""

    snapshot: JoinSnapshot

    def __call__(self, snapshot: JoinSnapshot) -> bytearray:
        self.snapshot = snapshot
        return texts_of(snapshot.messages)


def texts_of(messages: Sequence[ChatMessage]) -> bytearray:
    return bytearray(json.dumps([message.text for message in messages]).encode())


def welcome(snapshot: JoinSnapshot) -> bytearray:
    return texts_of(snapshot.messages)


def make_hub(history: ChatHistory) -> ChatHub:
    return ChatHub(history, Settings(), TextEncoder())


def line(number: int, channel_id: str = "ch1", *, seconds_apart: float = 0.01, user_id: str = "u1") -> Delivery:
    at = START + timedelta(seconds=number * seconds_apart)
    event = ChatMessageSent(
        event_id=f"{channel_id}-{number}",
        at=at,
        channel_id=channel_id,
        user_id=user_id,
        username="Ada",
        text=str(number),
    )
    return Delivery(event, position(number))


def lines(*numbers: int) -> list[Delivery]:
    return [line(number) for number in numbers]


def texts(numbers: range) -> list[str]:
    return [str(number) for number in numbers]


def position(number: float) -> int:
    """Return the position of line ``number``. A half is between two lines."""
    return position_of(START, int(number * 2))


def deleted(*numbers: int, at: float, entry_id: str = "e1") -> Delivery:
    event = ChatMessagesDeleted(
        at=START, channel_id="ch1", entry_id=entry_id, message_ids=tuple(f"ch1-{number}" for number in numbers)
    )
    return Delivery(event, position(at))


def cleared(user_id: str, *, at: float, entry_id: str = "e1") -> Delivery:
    event = ChatMessagesDeleted(at=START, channel_id="ch1", entry_id=entry_id, user_id=user_id, username="Ada")
    return Delivery(event, position(at))


def restored(*numbers: int, at: float, entry_id: str = "e1") -> Delivery:
    whole = tuple(
        ChatMessagePayload(
            message_id=f"ch1-{n}", user_id="u1", username="Ada", text=str(n), sent_at=START, position=position(n)
        )
        for n in numbers
    )
    return Delivery(ChatMessagesRestored(at=START, channel_id="ch1", entry_id=entry_id, lines=whole), position(at))
