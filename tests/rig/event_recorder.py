"""A subscriber that records the events that it receives."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from streaming_app.backend.bus import Delivery
from streaming_app.backend.events import ChatMessageSent, ViewersCounted

DEADLINE_SECONDS = 30.0


class EventRecorder:
    """A handler that raises in its first ``fails`` calls."""

    def __init__(self, fails: int = 0) -> None:
        self.batches: list[list[Delivery]] = []
        self.failed: list[list[str]] = []
        self._fails = fails
        self._changed = asyncio.Condition()

    async def __call__(self, batch: Sequence[Delivery]) -> None:
        fails = len(self.failed) < self._fails
        async with self._changed:
            if fails:
                self.failed.append(texts_of(batch))
            else:
                self.batches.append(list(batch))
            self._changed.notify_all()
        if fails:
            message = "injected failure"
            raise RuntimeError(message)

    @property
    def deliveries(self) -> list[Delivery]:
        return [delivery for batch in self.batches for delivery in batch]

    @property
    def texts(self) -> list[str]:
        return texts_of(self.deliveries)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE_SECONDS), self._changed:
            await self._changed.wait_for(condition)

    async def until_received(self, text: str) -> None:
        await self.until(lambda: text in self.texts)


def texts_of(batch: Sequence[Delivery]) -> list[str]:
    return [delivery.event.text for delivery in batch if isinstance(delivery.event, ChatMessageSent)]


def message_sent(text: str, channel_id: str = "ch1") -> ChatMessageSent:
    return ChatMessageSent(at=datetime.now(UTC), channel_id=channel_id, user_id="u1", username="ann", text=text)


def viewers_counted(viewers: int, channel_id: str = "ch1") -> ViewersCounted:
    return ViewersCounted(at=datetime.now(UTC), channel_id=channel_id, process_id="p1", viewers=viewers)
