"""The archive contains every acknowledged message once, even if archivers are killed."""

import asyncio
import itertools
import signal
from datetime import UTC, datetime

from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.events import ChatMessageSent
from tests.workers.conftest import Start

CHANNELS = ("ch1", "ch2", "ch3", "ch4")
DEADLINE_SECONDS = 60.0


class Crowd:
    """Users who write all the time, and their acknowledged messages."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._numbers = itertools.count()
        self.acknowledged: dict[str, list[str]] = {channel: [] for channel in CHANNELS}

    async def write(self, channel_id: str) -> None:
        while True:
            text = f"{next(self._numbers)}"
            await self._backend.bus.publish(
                ChatMessageSent(at=datetime.now(UTC), channel_id=channel_id, user_id="u1", username="ann", text=text)
            )
            self.acknowledged[channel_id].append(text)

    async def archived(self) -> dict[str, list[str]]:
        everything = {channel: await self._backend.chat.recent(channel, 1_000_000) for channel in CHANNELS}
        return {channel: [message.text for message in messages] for channel, messages in everything.items()}

    async def until_archived(self, count: int) -> None:
        """Wait until the archive has ``count`` messages."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            while True:
                if sum(map(len, (await self.archived()).values())) >= count:
                    return
                await asyncio.sleep(0.05)


async def test_killed_archivers_neither_lose_nor_duplicate_messages(backend: Backend, start: Start) -> None:
    crowd = Crowd(backend)
    one, _ = start("worker", "chat-archiver"), start("worker", "chat-archiver")

    async with asyncio.TaskGroup() as people:
        writing = [people.create_task(crowd.write(channel)) for channel in CHANNELS]
        await crowd.until_archived(200)
        one.kill()
        at_kill = sum(map(len, (await crowd.archived()).values()))
        start("worker", "chat-archiver")
        await crowd.until_archived(at_kill + 200)
        for task in writing:
            task.cancel()
    await crowd.until_archived(sum(map(len, crowd.acknowledged.values())))

    # One message of each channel may be archived but not acknowledged, if it was in progress when the writing stopped.
    archived = await crowd.archived()
    assert {c: texts[: len(crowd.acknowledged[c])] for c, texts in archived.items()} == crowd.acknowledged
    assert all(len(texts) - len(crowd.acknowledged[c]) <= 1 for c, texts in archived.items())


async def test_a_stopping_archiver_finishes_its_batch(backend: Backend, start: Start) -> None:
    crowd = Crowd(backend)
    archiver = start("worker", "chat-archiver")

    async with asyncio.TaskGroup() as people:
        writing = [people.create_task(crowd.write(channel)) for channel in CHANNELS]
        await crowd.until_archived(100)
        archiver.signal(signal.SIGTERM)
        code = await asyncio.to_thread(archiver.wait_until_ended)
        for task in writing:
            task.cancel()
    start("worker", "chat-archiver")
    await crowd.until_archived(sum(map(len, crowd.acknowledged.values())))

    assert code == 0
    assert "Traceback" not in archiver.output()
    assert "The worker chat-archiver has ended" in archiver.output()
